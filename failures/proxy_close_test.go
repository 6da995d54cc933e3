package failures_test

import (
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A frozen server's queue of connections fills up; from then on the kernel
// answers no dial, and lets it try for two minutes.
func TestAProxyEndsWhileItDialsAServerWhoseQueueIsFull(t *testing.T) {
	t.Parallel()
	server := listenWithoutAccepting(t)
	for {
		queued, err := net.DialTimeout("tcp", server, time.Second)
		if err != nil {
			break // the queue is full
		}
		defer queued.Close()
	}
	p := startProxy(t, server)
	client, err := net.Dial("tcp", p.Addr())
	require.NoError(t, err)
	defer client.Close()

	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.close()
	}()
	start := time.Now()
	select {
	case <-ended:
		t.Logf("ended after %v", time.Since(start))
	case <-time.After(time.Minute):
		require.Fail(t, "the proxy waits for the kernel")
	}
}

func listenWithoutAccepting(t *testing.T) (address string) {
	t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, syscall.Close(socket)) })
	require.NoError(t, syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(t, syscall.Listen(socket, 1))
	name, err := syscall.Getsockname(socket)
	require.NoError(t, err)
	return fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
}
