package simnet_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/simnet"
)

func ask(t *testing.T, conn *simnet.Conn, text string) {
	t.Helper()
	n, err := conn.Write([]byte(text))
	require.NoError(t, err)
	require.Equal(t, len(text), n)
}

const ping = "*1\r\n$4\r\nPING\r\n"

func TestWhatIsSentAtOnceIsOneParcel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := simnet.NewBus()
		conn := bus.Dial(simnet.Place{Process: 1, Role: "r", Server: 2})
		ask(t, conn, ping+"*2\r\n$3\r\nGET\r\n$1\r")
		ask(t, conn, "\nk\r\n")
		parcels, news := bus.Take()
		require.Empty(t, news)
		require.Len(t, parcels, 2)
		require.ElementsMatch(t, [][][]string{{{"PING"}}, {{"GET", "k"}}}, [][][]string{parcels[0].Requests, parcels[1].Requests})
		require.Equal(t, simnet.Place{Process: 1, Role: "r", Server: 2}, parcels[0].Conn.Place())
		parcels, _ = bus.Take()
		require.Empty(t, parcels)
	})
}

func TestParcelsComeInAnOrderThatDoesNotDependOnWhoCameFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := simnet.NewBus()
		places := []simnet.Place{{Process: 1}, {Process: 0, Server: 1}, {Process: 0, Role: "b"}, {Process: 0, Role: "a"}}
		for _, place := range places {
			ask(t, bus.Dial(place), ping)
		}
		ask(t, bus.Dial(simnet.Place{Process: 0, Role: "a"}), "*1\r\n$4\r\nINFO\r\n")
		bus.Say(simnet.News{Process: 2, Order: 1})
		bus.Say(simnet.News{Process: 1, Order: 9})
		bus.Say(simnet.News{Process: 1, Order: 3})
		parcels, news := bus.Take()
		var order []string
		for _, parcel := range parcels {
			order = append(order, parcel.Conn.Place().Role+parcel.Requests[0][0])
		}
		require.Equal(t, []string{"aINFO", "aPING", "bPING", "PING", "PING"}, order)
		require.Equal(t, []uint64{3, 9, 1}, []uint64{news[0].Order, news[1].Order, news[2].Order})
	})
}

func TestAReadEndsAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := simnet.NewBus().Dial(simnet.Place{})
		began := time.Now()
		require.NoError(t, conn.SetDeadline(began.Add(time.Second)))
		_, err := conn.Read(make([]byte, 8))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.InDelta(t, time.Second, time.Since(began), float64(time.Millisecond))
	})
}

func TestAReadHearsWhatIsDeliveredAndThatTheConnectionBroke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := simnet.NewBus().Dial(simnet.Place{})
		heard := make(chan string, 3)
		go func() {
			defer close(heard)
			for buffer := make([]byte, 3); ; {
				n, err := conn.Read(buffer)
				if err != nil {
					require.ErrorIs(t, err, syscall.ECONNRESET)
					return
				}
				heard <- string(buffer[:n])
			}
		}()
		synctest.Wait()
		conn.Deliver([]byte("hello"))
		require.Equal(t, "hel", <-heard)
		require.Equal(t, "lo", <-heard)
		require.True(t, conn.Open())
		conn.Reset()
		_, open := <-heard
		require.False(t, open)
		require.False(t, conn.Open())
		_, err := conn.Write([]byte(ping))
		require.ErrorIs(t, err, syscall.ECONNRESET)
		require.NoError(t, conn.Close())
		_, err = conn.Write([]byte(ping))
		require.ErrorIs(t, err, net.ErrClosed)
	})
}

func TestARealClientIsGreetedAndAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := simnet.NewBus()
		client := redis.NewClient(&redis.Options{
			Addr: "127.0.0.1:1", MaxRetries: -1,
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
			Dialer:                   func(context.Context, string, string) (net.Conn, error) { return bus.Dial(simnet.Place{}), nil },
		})
		answer := make(chan string)
		go func() { answer <- client.Get(context.Background(), "k").Val() }()
		<-bus.Signal()
		synctest.Wait()
		parcels, _ := bus.Take()
		require.Equal(t, [][]string{{"get", "k"}}, parcels[0].Requests)
		require.NotEmpty(t, parcels[0].Conn.Greetings())
		require.Empty(t, parcels[0].Conn.Greetings(), "they are heard once")
		parcels[0].Conn.Deliver([]byte("$1\r\nv\r\n"))
		require.Equal(t, "v", <-answer)
		require.NoError(t, client.Close())
	})
}

// bubbled makes the test binary a program that runs in bubbles.
const bubbled = "SIMNET_TEST_IN_BUBBLE"

func TestAProgramRunsInBubbles(t *testing.T) {
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), bubbled+"=1")
	output, err := program.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Equal(t, "1000h0m0s 1000h0m0s ", string(output))
}

func sleepInBubbles() {
	for range 2 {
		simnet.InBubble(func() {
			began := time.Now()
			time.Sleep(1000 * time.Hour)
			fmt.Print(time.Since(began), " ")
		})
	}
	os.Exit(0)
}
