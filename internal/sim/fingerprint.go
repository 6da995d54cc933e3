package sim

import (
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/streamlease/streamlease/core"
)

// fingerprint hashes all that decides how a world goes on: machines, stores,
// network, applications, and since when the observer has seen what it bounds.
// It reads the fields of the very structs by reflection, so that nothing is
// forgotten that somebody adds.
//
// Numbers that only say what came before what (of calls, of events) are hashed
// by their order. So two worlds are one if they differ only in how many calls it
// took to get there.
func (w *World) fingerprint(also uint64) uint64 {
	f := fingerprinter{seen: make(map[uintptr]uint64)}
	f.hash.add(also)
	f.hash.add(uint64(w.now))
	f.agenda(w)
	f.value(reflect.ValueOf(w.source.records))
	f.value(reflect.ValueOf(w.source.delivered))
	for _, server := range w.leases.servers {
		f.value(reflect.ValueOf(server.known))
		f.value(reflect.ValueOf(server.counter))
	}
	for _, b := range w.observer.books {
		for _, since := range []time.Duration{b.ownerless, b.gap, b.name.freed, b.name.idle} {
			f.hash.add(uint64(since))
		}
	}
	for _, p := range w.processes {
		f.process(p)
	}
	return uint64(f.hash)
}

// process hashes one member. The numbers of its calls and events are its own.
func (f *fingerprinter) process(p *process) {
	f.order = f.order[:0]
	f.value(reflect.ValueOf(p.machine))
	f.value(reflect.ValueOf(p.app.jobs))
	f.value(reflect.ValueOf(p.inbox))
	f.hash.add(uint64(len(p.open)))
	for _, c := range p.open {
		f.ordered(int64(c.id))
		f.hash.add(uint64(c.what)<<2 | number(c.applied)<<1 | number(c.late))
		f.value(reflect.ValueOf(c.answer))
	}
	f.hash.add(uint64(p.frozenUntil))
	f.hash.add(number(p.dead)<<2 | number(p.received)<<1 | number(p.looping))
	f.addOrder()
}

// agenda hashes what is to come, in the order in which it will.
func (f *fingerprinter) agenda(w *World) {
	coming := slices.Clone(w.agenda.heap)
	slices.SortFunc(coming, func(a, b appointment) int {
		if before(&a, &b) {
			return -1
		}
		return 1
	})
	for i := range coming {
		a := &coming[i]
		f.hash.add(uint64(a.at) ^ uint64(a.what)<<56)
		if a.process != nil {
			f.hash.add(uint64(a.process.index))
		}
		if a.call != nil {
			f.hash.add(uint64(a.call.what)<<1 | number(a.call.closed))
		}
	}
}

func number(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

type fingerprinter struct {
	hash  digest
	seen  map[uintptr]uint64 // pointers, by the order in which they were met
	order []int64            // numbers of which only the order counts, as they were met
}

var (
	callIDs   = reflect.TypeFor[core.CallID]()
	sequences = typeOfField[core.Machine]("sequence")

	// skipped lists fields that are the same in every state of a corner, that
	// nothing is decided by, or that lead back to what is hashed by itself.
	skipped = map[reflect.Type][]string{
		reflect.TypeFor[core.Machine]():            {"config", "commands", "lastError", "renewedAt"},
		typeOfField[core.Machine]("random").Elem(): {"block"},
		reflect.TypeFor[grant]():                   {"server"},
	}
	fields sync.Map // of a type, by their numbers: []int
)

func typeOfField[T any](name string) reflect.Type {
	field, _ := reflect.TypeFor[T]().FieldByName(name)
	return field.Type
}

func (f *fingerprinter) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		f.hash.add(number(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if t := v.Type(); t == sequences || t == callIDs {
			f.ordered(v.Int())
			return
		}
		f.hash.add(uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		f.hash.add(v.Uint())
	case reflect.String:
		f.hash.addText(v.String())
	case reflect.Slice, reflect.Array:
		f.hash.add(uint64(v.Len()))
		for i := range v.Len() {
			f.value(v.Index(i))
		}
	case reflect.Struct:
		for _, i := range fieldsOf(v.Type()) {
			f.value(v.Field(i))
		}
	case reflect.Pointer:
		f.pointer(v)
	case reflect.Interface:
		if v.IsNil() {
			f.hash.add(0)
			return
		}
		f.hash.addText(v.Elem().Type().String())
		f.value(v.Elem())
	case reflect.Map:
		f.entries(v)
	case reflect.Func:
		f.hash.add(uint64(v.Pointer()))
	}
}

func fieldsOf(t reflect.Type) []int {
	if known, ok := fields.Load(t); ok {
		return known.([]int)
	}
	var list []int
	for i := range t.NumField() {
		if !slices.Contains(skipped[t], t.Field(i).Name) {
			list = append(list, i)
		}
	}
	fields.Store(t, list)
	return list
}

func (f *fingerprinter) pointer(v reflect.Value) {
	if v.IsNil() {
		f.hash.add(0)
		return
	}
	if order, met := f.seen[v.Pointer()]; met {
		f.hash.add(order)
		return
	}
	f.seen[v.Pointer()] = uint64(len(f.seen) + 1)
	f.value(v.Elem())
}

// ordered takes a number of which only its order among the others counts.
func (f *fingerprinter) ordered(n int64) { f.order = append(f.order, n) }

// addOrder hashes the order of such numbers. 0 is none of them.
func (f *fingerprinter) addOrder() {
	sorted := append(slices.Clone(f.order), 0)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	for _, n := range f.order {
		rank, _ := slices.BinarySearch(sorted, n)
		f.hash.add(uint64(rank))
	}
}

// entries hashes a map whatever the order in which it is walked: by its keys.
func (f *fingerprinter) entries(v reflect.Value) {
	type entry struct {
		key   uint64
		value reflect.Value
	}
	var list []entry
	numbered := v.Type().Key() == callIDs
	for walk := v.MapRange(); walk.Next(); {
		if numbered {
			list = append(list, entry{uint64(walk.Key().Int()), walk.Value()})
			continue
		}
		key := fingerprinter{}
		key.value(walk.Key())
		list = append(list, entry{uint64(key.hash), walk.Value()})
	}
	slices.SortFunc(list, func(a, b entry) int {
		if a.key < b.key {
			return -1
		}
		return 1
	})
	f.hash.add(uint64(len(list)))
	for _, e := range list {
		if numbered {
			f.ordered(int64(e.key))
		} else {
			f.hash.add(e.key)
		}
		f.value(e.value)
	}
}
