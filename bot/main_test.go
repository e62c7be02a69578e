package bot

import (
	"fmt"
	"os"
	"testing"

	"greendesk/knowledge/reader"
)

// TestMain lets the test binary be the reading process of an import.
func TestMain(m *testing.M) {
	if reader.Asked(os.Args) {
		if err := reader.Serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
