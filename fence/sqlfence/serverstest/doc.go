// Package serverstest holds only tests: of package sqlfence, on PostgreSQL and
// MariaDB, whose servers they start and stop themselves. `make test-databases`
// runs them: they need both servers installed, which is asked of nobody for
// `make test`.
package serverstest
