// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// position is how far a table was read, as texts of the database. A round reads the versions From to Through.
type position struct {
	// Kind of the version.
	Kind kind `json:"kind"`
	// Floor is excluded for ever: where a source with start: New began.
	Floor string `json:"floor,omitempty"`
	// From is the first version of this round; empty for the lowest. Next is that of the next round.
	From string `json:"from,omitempty"`
	Next string `json:"next,omitempty"`
	// Through is the last version of this round; empty between two rounds.
	Through string `json:"through,omitempty"`
	// After is the last row that was read in this round: version and key. It is empty at its beginning.
	After []exact `json:"after,omitempty"`
	// Unplaced is the number of rows that were counted as refused, for lack of a version or a key.
	Unplaced int64 `json:"unplaced,omitempty"`
	// Batch numbers the batches, so that no two positions are equal.
	Batch int64 `json:"batch"`
}

// exact is a text of any characters, which needs a third more in JSON, and not six times as much.
type exact string

// MarshalText implements encoding.TextMarshaler.
func (e exact) MarshalText() ([]byte, error) {
	return base64.RawStdEncoding.AppendEncode(nil, []byte(e)), nil
}

// UnmarshalText is the inverse of MarshalText.
func (e *exact) UnmarshalText(text []byte) error {
	raw, err := base64.RawStdEncoding.AppendDecode(nil, text)
	*e = exact(raw)
	return err
}

// past returns the position after a row of the round.
func (p position) past(place []string) position {
	p.After = make([]exact, len(place))
	for i, text := range place {
		p.After[i] = exact(text)
	}
	return p
}

// ended is the position after a round.
func (p position) ended() position {
	p.From, p.Next, p.Through, p.After = p.Next, "", "", nil
	return p
}

// encode returns the position in the store.
func (p position) encode() ([]byte, error) {
	raw, err := json.Marshal(p)
	if err == nil && len(raw) > store.MaxPositionBytes {
		return nil, &pull.Error{Reason: pull.Misconfigured, Message: fmt.Sprintf(
			"the key of a row needs more than the %d bytes of a position: set shorter columns in spec.transport.sql.keyColumns", store.MaxPositionBytes)}
	}
	return raw, err
}

// decodePosition is the inverse of encode. Without a position it returns the beginning.
func decodePosition(raw []byte, k kind) (position, error) {
	p := position{Kind: k}
	if raw == nil {
		return p, nil
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, &pull.Error{Reason: pull.Misconfigured, Message: "the position in the store is not one of a database: create the source with another name"}
	}
	if p.Kind != k {
		return p, &pull.Error{Reason: pull.Misconfigured, Message: fmt.Sprintf(
			"spec.transport.sql.versionColumn was read up to a version that is %s, and is now %s: restore its type, or create another source", p.Kind.text(), k.text())}
	}
	return p, nil
}
