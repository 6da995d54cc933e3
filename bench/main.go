package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/streamlease/streamlease/bench/member"
	"github.com/streamlease/streamlease/bench/report"
	"github.com/streamlease/streamlease/bench/server"
	"github.com/streamlease/streamlease/bench/suite"
)

func main() {
	member.Dispatch()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	document := flag.String("document", "", "write the document to this `file`, and the curves into a folder beside it")
	only := flag.String("only", "", "run what matches this `expression`, by name and store: 'killed.*redsync'")
	runs := flag.Int("runs", 3, "run each measurement so `often`")
	enough := flag.Duration("enough", 20*time.Minute, "repeat nothing when so much `time` has passed")
	million := flag.Bool("million", false, "hold a million streams with four members, and nothing else")
	profiles := flag.String("profiles", "", "write profiles of members that hold streams into this `folder`")
	saved := flag.String("samples", "", "keep all figures in this `file`; those that it has already stand in the document too")
	raw := flag.Bool("raw", false, "print every figure of every run")
	flag.Parse()
	expression, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	plan := suite.Plan{Measurements: suite.All(*profiles), Runs: *runs, Only: expression, Enough: *enough, Progress: os.Stderr}
	command := "make bench"
	if *million {
		plan.Measurements, command = suite.Million(), "make bench-million"
	}

	if given := os.Args[1:]; len(given) > 0 {
		command += fmt.Sprintf(" (%s)", strings.Join(given, " "))
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	version, err := redisVersion(ctx)
	if err != nil {
		return err
	}
	before, begun := report.Load(), time.Now()
	var earlier []suite.Sample
	if *saved != "" {
		if earlier, err = suite.Load(*saved); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	write := func(samples []suite.Sample) error {
		samples = append(slices.Clone(earlier), samples...)
		if *saved != "" {
			if err := suite.Save(*saved, samples); err != nil {
				return err
			}
		}
		if *document == "" {
			return nil
		}
		return report.Write(*document, report.Conditions{
			Command: command, Date: begun.Format(time.DateOnly), Redis: version, RunsOfEach: *runs,
			LoadBefore: before, LoadAfter: report.Load(), MinutesLong: time.Since(begun).Minutes(),
		}, samples)
	}
	plan.After = write
	samples, err := plan.Carry(ctx)
	if err := write(samples); err != nil {
		return err
	}
	fmt.Println(report.Table(samples))
	fmt.Println(report.Growth(samples))
	fmt.Println(report.Fleets(samples))
	if *raw {
		fmt.Println(report.Raw(samples))
	}
	return err
}

func redisVersion(ctx context.Context) (string, error) {
	s, err := server.Start(ctx)
	if err != nil {
		return "", err
	}
	defer s.Stop()
	return s.Version(ctx)
}
