// Package member is one process of a measurement: members of a service that do
// nothing with their streams but note when they were told. It begins them, and
// answers questions, as its parent asks it to, in lines of JSON on standard
// input and output.
package member
