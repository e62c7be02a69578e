package reader

import (
	"fmt"
	"net"
	"os"
	"testing"

	"greendesk/knowledge/reader/limit"
)

// probe asks the test binary to say what it may still do under the bounds of a reading
// process.
const probe = "probe-bounds"

func TestMain(m *testing.M) {
	switch {
	case Asked(os.Args):
		if err := Serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case len(os.Args) == 2 && os.Args[1] == probe:
		fmt.Println("missing", limit.Set(limit.Bounds{Memory: 512 << 20, File: 1 << 20}))
		for _, network := range []string{"tcp", "udp", "tcp6"} {
			_, err := net.Dial(network, map[string]string{"tcp": "127.0.0.1:9", "udp": "127.0.0.1:9", "tcp6": "[::1]:9"}[network])
			fmt.Println(network, err)
		}
		l, err := net.Listen("unix", os.Getenv("PROBE_SOCKET"))
		fmt.Println("unix", l != nil, err)
		fmt.Println("file", os.WriteFile(os.Getenv("PROBE_FILE"), make([]byte, 2<<20), 0o600))
		os.Exit(0)
	}
	os.Exit(m.Run())
}
