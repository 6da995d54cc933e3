//go:build js && wasm

// Command wasm is a Stage for a page: sim demo compiles it for browsers. It
// gives the page an object named stage; times are microseconds, as in the
// documents of the picture. A function that may refuse returns why, or "".
package main

import (
	"encoding/json"
	"syscall/js"
	"time"

	"github.com/streamlease/streamlease/internal/sim/demo"
)

func main() {
	var stage *demo.Stage
	js.Global().Set("stage", map[string]any{
		"lessons": function(func([]js.Value) any { return text(demo.Lessons()) }),
		"open": function(func(a []js.Value) any {
			opened, err := demo.Open(a[0].String())
			if err == nil {
				stage = opened
			}
			return refusal(err)
		}),
		"news":    function(func([]js.Value) any { return text(stage.News()) }),
		"present": function(func([]js.Value) any { return stage.Present().Microseconds() }),
		"goOn":    function(func(a []js.Value) any { stage.GoOn(micros(a[0])); return nil }),
		"step":    function(func([]js.Value) any { stage.Step(); return nil }),
		"backTo":  function(func(a []js.Value) any { stage.BackTo(micros(a[0])); return nil }),
		"click":   function(func(a []js.Value) any { return refusal(stage.Click(a[0].String())) }),
		"turnTo":  function(func(a []js.Value) any { stage.TurnTo(a[0].Int()); return nil }),
		"set": function(func(a []js.Value) any {
			stage.Set(demo.Without{Fencing: a[0].Bool(), Sweep: a[1].Bool()})
			return nil
		}),
	})
	select {} // the page calls
}

// function lets a page call do; it is never released, as the page never stops
// calling.
func function(do func(arguments []js.Value) any) js.Func {
	return js.FuncOf(func(_ js.Value, arguments []js.Value) any { return do(arguments) })
}

func micros(value js.Value) time.Duration {
	return time.Duration(value.Float()) * time.Microsecond
}

func refusal(err error) string {
	if err != nil {
		return err.Error()
	}
	return ""
}

func text(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err) // there is nothing in it that cannot be encoded
	}
	return string(encoded)
}
