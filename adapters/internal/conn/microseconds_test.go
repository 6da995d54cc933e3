package conn_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/adapters/internal/conn"
)

func TestAFractionOfAMicrosecondCountsAsAWholeOne(t *testing.T) {
	assert.Equal(t, int64(0), conn.Microseconds(0))
	assert.Equal(t, int64(1), conn.Microseconds(1))
	assert.Equal(t, int64(1), conn.Microseconds(time.Microsecond))
	assert.Equal(t, int64(2), conn.Microseconds(time.Microsecond+1))
}

func TestTheLongestTimeHasMicroseconds(t *testing.T) {
	assert.Equal(t, int64(math.MaxInt64/1000), conn.Microseconds(math.MaxInt64))
}
