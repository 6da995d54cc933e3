package failures_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/proctest"
)

// memberProgram is the name of runMember for proctest.
const memberProgram = "member"

// memberPatience bounds what a member waits for: its calls of Done and Close.
const memberPatience = time.Minute

// joinPatience bounds how often it calls Init again. It is longer than any test
// waits for a member: what is missing is for the test to say.
const joinPatience = 15 * time.Minute

// runMember is what a member process does: one client, an application that
// reports, and the test's requests until it is to close.
func runMember(parent *proctest.Parent) error {
	var settings settings
	if err := json.Unmarshal([]byte(parent.Arguments[0]), &settings); err != nil {
		return err
	}
	started := time.Now()
	offset := started.Sub(time.Unix(0, settings.Epoch))
	reporter := reporter{parent: parent, clock: func() time.Duration { return offset + time.Since(started) }}

	store, err := dial(settings.Redis)
	if err != nil {
		return err
	}
	effects, err := dial(settings.Resource)
	if err != nil {
		return err
	}
	if err := serve(settings, reporter, store, resource{effects}); err != nil {
		return err
	}
	return errors.Join(store.Close(), effects.Close(), goleak.Find())
}

func dial(url string) (*redis.Client, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	return redis.NewClient(options), nil
}

// serve runs the client until the test wants it closed.
func serve(settings settings, reporter reporter, store *redis.Client, effects resource) error {
	ports, err := goredis.New(store, settings.Service)
	if err != nil {
		return err
	}
	log, err := openLog(settings.Log)
	if err != nil {
		return err
	}
	client, err := streamlease.New(streamlease.Config{
		Ports:         ports,
		ID:            settings.ID,
		TTL:           settings.TTL,
		SweepInterval: settings.SweepInterval,
		MaxStreams:    settings.MaxStreams,
		MaxCrashes:    settings.MaxCrashes,
		Trial:         settings.Trial,
		ManualClaim:   settings.ManualClaim,
		Logger:        slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		return err
	}
	if early := settings.JoinAt - reporter.clock(); early > 0 {
		<-time.After(early)
	}
	ctx, cancel := context.WithTimeout(context.Background(), joinPatience)
	defer cancel()
	notifications, err := join(ctx, client)
	if err != nil {
		return err
	}
	reporter.send(report{Event: eventReady})

	application := newApplication(reporter, effects)
	application.deadly = settings.Deadly
	if settings.ManualClaim {
		application.claimer = client
	}
	if settings.Toils {
		application.toil = newToil(settings.Seed)
		defer watchStalls(reporter)()
	}
	if settings.Deaf {
		application.deaf.Lock()
	}
	listened := make(chan struct{})
	go func() {
		defer close(listened)
		application.listen(notifications)
	}()
	last, err := obey(reporter.parent, application)
	if err != nil {
		return err
	}
	err = endClient(client, reporter, last)
	<-listened
	application.wait()
	return err
}

// openLog opens a file that stays open as long as the process lives.
func openLog(path string) (io.Writer, error) {
	if path == "" {
		return os.Stderr, nil
	}
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// join calls Init again when the server was too slow for it, or not there yet,
// as any service would that starts on a busy machine.
func join(ctx context.Context, client *streamlease.Client) (<-chan streamlease.Notification, error) {
	for {
		notifications, err := client.Init(ctx)
		if err == nil || isLasting(err) || ctx.Err() != nil {
			return notifications, err
		}
	}
}

// obey carries out the test's requests until it asks for the end, and returns
// for which.
func obey(parent *proctest.Parent, application *application) (last action, err error) {
	for {
		line, err := parent.Receive()
		if errors.Is(err, io.EOF) {
			return "", errors.New("the test is gone")
		}
		var request request
		if err := errors.Join(err, json.Unmarshal([]byte(line), &request)); err != nil {
			return "", err
		}
		switch request.Action {
		case actFinish:
			application.finish(request.Refs)
		case actInsist:
			application.insist()
		case actDeafen:
			application.deaf.Lock()
			application.reporter.send(report{Event: eventDeaf})
		case actHear:
			application.deaf.Unlock()
		case actClose, actDone:
			return request.Action, nil
		default:
			return "", fmt.Errorf("the test asks for %q, which no member knows", request.Action)
		}
	}
}

// endClient ends the client by Close; or by Done, whose error is for the test to
// judge.
func endClient(client *streamlease.Client, reporter reporter, how action) error {
	ctx, cancel := context.WithTimeout(context.Background(), memberPatience)
	defer cancel()
	reporter.send(report{Event: eventClosing})
	if how == actDone {
		reporter.send(report{Event: eventClosed, Err: errorName(client.Done(ctx))})
		return nil
	}
	err := client.Close(ctx)
	reporter.send(report{Event: eventClosed, Err: errorName(err)})
	return err
}

// reporter tells the test what happens.
type reporter struct {
	parent *proctest.Parent
	clock  func() time.Duration
}

// send may be called from any goroutine.
func (r reporter) send(report report) {
	report.At = r.clock()
	r.parent.Send(encode(report))
}
