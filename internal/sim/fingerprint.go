package sim

import (
	"reflect"
	"slices"
)

// fingerprint hashes all that decides how a world goes on: machines, stores,
// network, applications. It reads the fields of the very structs by reflection,
// so that nothing is forgotten that somebody adds. Two worlds that differ only
// in what is over have different fingerprints (numbers of calls, instants):
// that costs time, and misses nothing.
func (w *World) fingerprint(also uint64) uint64 {
	f := fingerprinter{seen: make(map[uintptr]uint64)}
	f.hash.add(also)
	f.hash.add(uint64(w.now))
	for i := range w.agenda.heap {
		a := w.agenda.heap[i]
		f.hash.add(uint64(a.at) ^ uint64(a.what)<<56)
	}
	f.value(reflect.ValueOf(w.source.records))
	f.value(reflect.ValueOf(w.source.delivered))
	for _, server := range w.leases.servers {
		f.value(reflect.ValueOf(server.known))
		f.value(reflect.ValueOf(server.counter))
	}
	for _, p := range w.processes {
		f.value(reflect.ValueOf(p.machine))
		f.value(reflect.ValueOf(p.app.jobs))
		f.value(reflect.ValueOf(p.inbox))
		f.hash.add(uint64(len(p.open)))
		for _, c := range p.open {
			f.hash.add(uint64(c.id)<<1 | number(c.applied))
		}
		f.hash.add(uint64(p.frozenUntil))
		f.hash.add(number(p.dead)<<2 | number(p.received)<<1 | number(p.looping))
	}
	return uint64(f.hash)
}

func number(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

type fingerprinter struct {
	hash digest
	seen map[uintptr]uint64 // pointers, by the order in which they were met
}

func (f *fingerprinter) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		f.hash.add(number(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
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
		if v.Type().PkgPath() == "github.com/streamlease/streamlease/internal/sim" && v.Type().Name() == "leaseServer" {
			return
		}
		for i := range v.NumField() {
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

// entries hashes a map whatever the order in which it is walked: by the hashes
// of its keys.
func (f *fingerprinter) entries(v reflect.Value) {
	type entry struct {
		key   uint64
		value reflect.Value
	}
	var list []entry
	for walk := v.MapRange(); walk.Next(); {
		key := fingerprinter{seen: make(map[uintptr]uint64)}
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
		f.hash.add(e.key)
		f.value(e.value)
	}
}
