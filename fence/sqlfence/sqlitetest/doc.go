// Package sqlitetest holds only tests: of package sqlfence, on SQLite. It is a
// module of its own so that nobody else has to download the driver.
package sqlitetest
