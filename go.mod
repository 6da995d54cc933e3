module github.com/streamlease/streamlease

go 1.26
