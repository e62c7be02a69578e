package main

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress is a bar on standard error, whose end is told as the work goes on.
// It has no spinner: the library draws that beside the work and unguarded
// (v3.19.1).
func progress(what string) *progressbar.ProgressBar {
	return progressbar.NewOptions64(-1, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription(what), progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(24), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetSpinnerChangeInterval(0))
}
