package report

import (
	"fmt"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"

	"github.com/streamlease/streamlease/bench/suite"
)

const (
	curveWidth  = 12 * vg.Centimeter
	curveHeight = 8 * vg.Centimeter
)

// DrawCurves writes the growth of each cost into the folder, as SVG, and
// answers the files' names.
func DrawCurves(folder string, samples []suite.Sample) (files []string, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	for _, curve := range curves {
		points := curve.points(samples)
		if len(points) < 2 {
			continue
		}
		file := curve.file + ".svg"
		if err := curve.draw(points, filepath.Join(folder, file)); err != nil {
			return nil, fmt.Errorf("draw %s: %w", curve.what, err)
		}
		files = append(files, file)
	}
	return files, nil
}

func (c curve) draw(points []point, path string) error {
	p := plot.New()
	p.Title.Text = c.what
	p.X.Label.Text = "streams"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	p.Add(plotter.NewGrid())

	line := make(plotter.XYs, len(points))
	for i, point := range points {
		line[i] = plotter.XY{X: point.size, Y: point.cost}
	}
	// Two decades at least, else what is flat looks steep.
	p.Y.Min, p.Y.Max = line[0].Y/10, line[0].Y*10
	if err := plotutil.AddLinePoints(p, line); err != nil {
		return err
	}
	return p.Save(curveWidth, curveHeight, path)
}
