package main

import (
	"encoding/json"
	"time"

	"github.com/streamlease/streamlease/adapters/goredis"
)

// What --json writes. The names are documented in
// docs/operations/streamlease-tool.md and stay; new ones may come.

type streamJSON struct {
	Name        string  `json:"name"`
	ID          string  `json:"id"`
	State       string  `json:"state"`
	Owner       string  `json:"owner,omitempty"`
	Incarnation string  `json:"incarnation,omitempty"`
	Token       int64   `json:"token,omitempty"`
	Age         float64 `json:"age_seconds"`
	Since       float64 `json:"since_seconds,omitempty"`
	LeaseLeft   float64 `json:"lease_left_seconds,omitempty"`
	RetryIn     float64 `json:"retry_in_seconds,omitempty"`
	Failures    int     `json:"failures"`
	Crashes     int     `json:"crashes"`
	Suspected   bool    `json:"suspected,omitempty"`
	Problem     string  `json:"problem,omitempty"`
}

func streamObject(one goredis.AdminStream) streamJSON {
	return streamJSON{
		Name: one.Ref.Name, ID: one.Ref.MessageID, State: string(one.State),
		Owner: one.Owner.ID, Incarnation: one.Owner.Incarnation, Token: int64(one.Token),
		Age: one.Announced.Seconds(), Since: one.Since.Seconds(), LeaseLeft: one.LeaseLeft.Seconds(), RetryIn: one.RetryIn.Seconds(),
		Failures: one.Failures, Crashes: one.Crashes, Suspected: one.Suspected, Problem: one.Problem,
	}
}

type endingJSON struct {
	At          time.Time `json:"at"`
	Owner       string    `json:"owner"`
	Incarnation string    `json:"incarnation"`
	Token       int64     `json:"token"`
	Outcome     string    `json:"outcome"`
	Reason      string    `json:"reason,omitempty"`
}

func endingObjects(endings []goredis.AdminEnding) []endingJSON {
	objects := make([]endingJSON, 0, len(endings))
	for _, one := range endings {
		objects = append(objects, endingJSON{
			At: one.At, Owner: one.Member.ID, Incarnation: one.Member.Incarnation, Token: int64(one.Token),
			Outcome: one.Outcome, Reason: one.Reason,
		})
	}
	return objects
}

type detailJSON struct {
	streamJSON
	Info        json.RawMessage `json:"info,omitempty"`
	DeliveredTo string          `json:"delivered_to,omitempty"`
	Checkpoint  *checkpointJSON `json:"checkpoint,omitempty"`
	Endings     []endingJSON    `json:"endings"`
}

// checkpointJSON has a position of any bytes in base64, as encoding/json writes
// bytes.
type checkpointJSON struct {
	Token    int64  `json:"token"`
	Position []byte `json:"position"`
	Closed   bool   `json:"closed,omitempty"`
}

func detailObject(one goredis.AdminDetail) detailJSON {
	object := detailJSON{
		streamJSON: streamObject(one.Stream), Info: json.RawMessage(one.Info), DeliveredTo: one.DeliveredTo,
		Endings: endingObjects(one.Endings),
	}
	if one.Checkpoint != nil {
		object.Checkpoint = &checkpointJSON{int64(one.Checkpoint.Token), []byte(one.Checkpoint.Position), one.Checkpoint.Closed}
	}
	return object
}

type memberJSON struct {
	ID          string  `json:"id"`
	Incarnation string  `json:"incarnation"`
	State       string  `json:"state"`
	HasRoom     bool    `json:"has_room"`
	Owned       int64   `json:"owned"`
	Taken       int64   `json:"taken"`
	Pending     int64   `json:"pending"`
	ExpiresIn   float64 `json:"expires_in_seconds,omitempty"`
	Version     string  `json:"version,omitempty"`
}

func memberObject(one goredis.AdminMember) memberJSON {
	return memberJSON{
		ID: one.ID, Incarnation: one.Incarnation, State: string(one.State), HasRoom: one.HasRoom,
		Owned: one.Owned, Taken: one.Taken, Pending: one.Pending, ExpiresIn: one.ExpiresIn.Seconds(), Version: one.Version,
	}
}

type quarantinedJSON struct {
	ID          string       `json:"id"`
	Name        string       `json:"name,omitempty"`
	At          time.Time    `json:"at"`
	Reason      string       `json:"reason"`
	Token       int64        `json:"token,omitempty"`
	Incarnation string       `json:"incarnation,omitempty"`
	Failures    int          `json:"failures"`
	Crashes     int          `json:"crashes"`
	Size        int64        `json:"size_bytes"`
	Kept        int64        `json:"kept_bytes"`
	SHA1        string       `json:"sha1,omitempty"`
	Payload     []byte       `json:"payload,omitempty"`
	Endings     []endingJSON `json:"endings,omitempty"`
}

func quarantinedObject(one goredis.AdminQuarantined) quarantinedJSON {
	return quarantinedJSON{
		ID: one.Ref.MessageID, Name: one.Ref.Name, At: one.At, Reason: one.Reason, Token: int64(one.Token), Incarnation: one.Taker,
		Failures: one.Failures, Crashes: one.Crashes, Size: one.Size, Kept: one.Kept, SHA1: one.SHA1,
		Payload: []byte(one.Payload), Endings: endingObjects(one.Endings),
	}
}
