package conn

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
)

func TestServersThatAreTooOldAreRefusedWithTheirVersionNamed(t *testing.T) {
	for _, test := range []struct {
		name, info, refused string
	}{
		{"Redis 6", "redis_version:6.2.14\r\nrole:master\r\n", "Redis 6.2.14"},
		{"Redis 7.0", "redis_version:7.0.0\r\n", ""},
		{"Redis 8", "redis_version:8.2.1\r\n", ""},
		{"Valkey 7.2", "redis_version:7.2.4\r\nserver_name:valkey\r\n", ""},
		{"Valkey 8", "redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.0\r\n", ""},
		{"Valkey 7.1, if there were one", "redis_version:7.1.0\r\nserver_name:valkey\r\nvalkey_version:7.1.0\r\n", "Valkey 7.1.0"},
		{"a version that cannot be read", "redis_version:unstable\r\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			lane := &Lane{server: &server{address: "host:1"}}
			warnings, err := lane.judgeServer(parseInfo(test.info))
			require.Empty(t, warnings)
			if test.refused == "" {
				require.NoError(t, err)
				return
			}
			var refused *core.RefusedError
			require.ErrorAs(t, err, &refused)
			require.True(t, refused.Lasting)
			require.Equal(t, "host:1", refused.Server)
			require.ErrorContains(t, err, test.refused)
			require.ErrorContains(t, err, "Redis 7.0 or newer")
		})
	}
}

func TestAServerThatDoesNotSayItsVersionIsAWarning(t *testing.T) {
	lane := &Lane{server: &server{}}
	for _, info := range []string{"", "garbage\x00\r\n::::\nredis_version", "# Server"} {
		warnings, err := lane.judgeServer(parseInfo(info))
		require.NoError(t, err)
		require.Len(t, warnings, 1)
	}
}
