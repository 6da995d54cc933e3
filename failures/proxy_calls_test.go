package failures_test

import (
	"crypto/sha1"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// call is what a request asks for: the file of a script, or a command.
type call string

// The calls of the ports. A Fetch is several: the script takes what is there,
// and between two of its runs a read waits for the next announcement.
const (
	callFetch     call = "fetch.lua"
	callAwait     call = "XREADGROUP"
	callTake      call = "take.lua"
	callSettle    call = "settle.lua"
	callAcquire   call = "acquire.lua"
	callRenew     call = "renew.lua"
	callRelease   call = "release.lua"
	callHeartbeat call = "heartbeat.lua"
	callSweep     call = "sweep.lua"
	callAnnounce  call = "XADD"
)

// callOf recognises a request. It is empty for a script that was named by its
// hash only and never seen: the server may not have it either.
func (s *scriptNames) callOf(request wireRequest) call {
	command := strings.ToUpper(request.words[0])
	switch {
	case command == "EVAL" && len(request.words) > 1:
		return s.learn(request.words[1])
	case command == "EVALSHA" && len(request.words) > 1:
		return s.named(request.words[1])
	default:
		return call(command)
	}
}

// scriptNames knows scripts by the hash of what is sent, which the package that
// sends them keeps to itself. Each ends with the text of its own file.
type scriptNames struct {
	mu     sync.Mutex
	byHash map[string]call
}

var scriptTexts = sync.OnceValue(readScripts)

func readScripts() map[call]string {
	texts := map[call]string{}
	files, err := filepath.Glob("../adapters/goredis/internal/*/*.lua")
	if err != nil || len(files) == 0 {
		panic("the scripts of goredis are not where they were")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		// The first line stands elsewhere in what is sent.
		if _, body, found := strings.Cut(string(text), "\n"); found && strings.HasPrefix(string(text), "#!lua") {
			texts[call(filepath.Base(file))] = body
		}
	}
	return texts
}

func (s *scriptNames) learn(source string) call {
	for name, body := range scriptTexts() {
		if strings.HasSuffix(source, body) {
			hash := sha1.Sum([]byte(source))
			s.mu.Lock()
			defer s.mu.Unlock()
			s.byHash[hex.EncodeToString(hash[:])] = name
			return name
		}
	}
	return "EVAL"
}

func (s *scriptNames) named(hash string) call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byHash[hash]
}
