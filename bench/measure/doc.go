// Package measure is the measurements: each starts a Redis server and member
// processes of its own, makes something happen, and answers figures. What is
// counted is exact on any machine, processor time is the operating system's
// account of each process, and latencies are what the machine allows.
package measure
