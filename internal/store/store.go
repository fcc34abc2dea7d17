// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package store is the contract between the parts that write and read events and whatever keeps them.
// A store appends, scans in a fixed order, erases, and reports its state. It does not know the journey maths. One
// conformance suite (package storetest) holds for every backend and for the HTTP client.
package store

import (
	"context"
	"errors"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// ProtocolVersion of the HTTP protocol. A store understands this version and the one before.
const ProtocolVersion = 1

var (
	// ErrUnavailable says that the store cannot take or give anything now; try again later.
	ErrUnavailable = errors.New("store unavailable")
	// ErrFull says that the volume has no room left; nothing is taken until there is.
	ErrFull = errors.New("store full")
	// ErrUnauthorized says that the key is wrong for the call.
	ErrUnauthorized = errors.New("store key refused")
	// ErrInvalid says that the request itself is wrong; trying again is no use.
	ErrInvalid = errors.New("invalid store request")
	// ErrSnapshotGone says that the asked seq or identity version can no longer be read.
	ErrSnapshotGone = errors.New("snapshot gone")
)

// Batch is what one append carries: all or nothing.
type Batch struct {
	// Source that the batch is from.
	Source string
	// Events in the order of their arrival.
	Events []event.Event
	// Cursor is the position of a pull source after the batch; nil leaves the stored one.
	Cursor []byte
	// Counters are added to the source's, in the same commit.
	Counters Counters
	// Trust in the source; nil leaves what is known. A source of which nothing was ever said is trusted.
	Trust *Trust
}

// Trust reports whether a source is public, and which state of the source's spec says so.
type Trust struct {
	// Public says that anybody can send in the source's name. Its links join no two persons that have names of their own, and count
	// after all others, and what it says of a person's traits does not replace what others say; see identity.Source.
	Public bool `json:"public"`
	// UID and Generation of the TouchpointSource. What an older generation of the same object says is left out: pods of both send while
	// a change is rolled out.
	UID        string `json:"uid,omitempty"`
	Generation int64  `json:"generation,omitempty"`
}

// After returns what holds when this is said where something was known, or nothing.
func (t *Trust) After(known Trust) Trust {
	if t == nil || t.UID == known.UID && t.Generation < known.Generation {
		return known
	}
	return *t
}

// Counters of a source. They only grow.
type Counters struct {
	// Accepted events, redelivered ones included.
	Accepted int64 `json:"accepted,omitempty"`
	// Dropped events, on purpose, by a mapping rule.
	Dropped int64 `json:"dropped,omitempty"`
	// WithoutID are the accepted events that had neither an id nor a time of their own: each receipt of one is a new event.
	WithoutID int64 `json:"withoutID,omitempty"`
	// Uncorrected are the accepted events that told when they were sent, which could not correct their time.
	Uncorrected int64 `json:"uncorrected,omitempty"`
	// Placeholders are the identities that were left out because their value stands for nobody, of accepted and refused events.
	Placeholders int64 `json:"placeholders,omitempty"`
	// PlaceholderIDs are the accepted events whose id was a word for nothing, which is none.
	PlaceholderIDs int64 `json:"placeholderIDs,omitempty"`
	// Unidentified are the accepted events without any identity, which are of no person.
	Unidentified int64 `json:"unidentified,omitempty"`
	// Rejected events by reason.
	Rejected map[string]Rejection `json:"rejected,omitempty"`
}

// Rejection counts the events refused for one reason. Stores keep at most MaxReasons reasons for a source.
type Rejection struct {
	// Count of events.
	Count int64 `json:"count"`
	// Example of what was wrong; the newest one is kept.
	Example string `json:"example,omitempty"`
}

// MaxReasons is the number of reasons that are kept for a source; further ones count as "other".
const MaxReasons = 32

// Appended is the answer to an append.
type Appended struct {
	// Seq of the commit; seqs have no gaps. Zero when there was nothing to commit.
	Seq int64 `json:"seq"`
	// Duplicates among the events: known already within the horizon, not stored again.
	Duplicates int64 `json:"duplicates"`
	// Expired events: older than the retention, not stored.
	Expired int64 `json:"expired"`
	// Erased events: of persons who were erased, not stored.
	Erased int64 `json:"erased"`
}

// ScanRequest asks for events. The zero value asks for all.
type ScanRequest struct {
	// From and To bound the time of the events: From <= time < To, microseconds. To 0 means no bound.
	From int64 `json:"from,omitempty"`
	To   int64 `json:"to,omitempty"`
	// Sources to read; empty means all.
	Sources []string `json:"sources,omitempty"`
	// Columns to read next to the fixed ones (see ScanSchema); empty means all.
	Columns []string `json:"columns,omitempty"`
	// PersonsWith keeps only persons with at least one event of these names in the range; empty means all persons.
	// A hint: a store may give more.
	PersonsWith []string `json:"personsWith,omitempty"`
	// By names a unit to scan by instead of the person: sessionId, orderId, properties.PATH or groups.PATH. The person of a row is
	// then a number of its unit in this scan, the column ColumnUnit the unit's text; the events of a unit may be of several persons.
	// Rows without a value are left out and counted. Empty means by person.
	By string `json:"by,omitempty"`
	// Packed lets the store give the rows in a smaller form: persons as runs, texts of which there are few as dictionaries, and no column
	// but person, time and those asked for. A hint: a store may give the plain form of Plain, and does when it goes by a unit.
	Packed bool `json:"packed,omitempty"`
	// Counting lets a packed scan leave out events and count them. A hint: a store may give more events than it names.
	Counting *Counting `json:"counting,omitempty"`
	// AsOfSeq is the newest commit to read; 0 means the newest there is.
	AsOfSeq int64 `json:"asOfSeq,omitempty"`
	// IdentityVersion of the identity table to use; 0 means the one of AsOfSeq.
	IdentityVersion int64 `json:"identityVersion,omitempty"`
	// Shard and Shards split the persons: shard i of n. Shards 0 means 1.
	Shard  int `json:"shard,omitempty"`
	Shards int `json:"shards,omitempty"`
}

// Scan is a stream of record batches ordered by (person, time, seq, index), without duplicates.
// All events of a person, or of the unit that the scan goes by, are adjacent, maybe over the edge of two batches.
type Scan interface {
	// Snapshot that the scan reads.
	Snapshot() Snapshot
	// Next gives the next batch, or io.EOF. The batch is valid until the next call.
	Next() (arrow.RecordBatch, error)
	// Stats are complete after Next gave io.EOF.
	Stats() ScanStats
	// Close ends the scan early.
	Close() error
}

// Snapshot names a state of the store.
type Snapshot struct {
	// Seq of the newest commit in it.
	Seq int64 `json:"seq"`
	// IdentityVersion of the identity table.
	IdentityVersion int64 `json:"identityVersion"`
}

// ScanStats tell what a scan did.
type ScanStats struct {
	// Rows given.
	Rows int64 `json:"rows"`
	// Duplicates left out, beyond those that appends removed.
	Duplicates int64 `json:"duplicates"`
	// WithoutUnit is the number of rows left out because they have no value of ScanRequest.By.
	WithoutUnit int64 `json:"withoutUnit,omitempty"`
	// Tallies count the events that were not given, as ScanRequest.Counting asks.
	Tallies []event.Tally `json:"tallies,omitempty"`
	// Bytes read from files.
	Bytes int64 `json:"bytes"`
}

// Seen takes the time of an event that was stored into the oldest and newest ones. Future events move neither.
func (s *SourceState) Seen(e *event.Event) {
	if e.Flags&event.FlagFuture != 0 {
		return
	}
	s.NewestEventTime = max(s.NewestEventTime, e.Time)
	if s.OldestEventTime == 0 || e.Time < s.OldestEventTime {
		s.OldestEventTime = e.Time
	}
}

// SourceState is what a store knows of a source.
type SourceState struct {
	// Name of the source.
	Name string `json:"name"`
	// NewestEventTime and NewestReceivedAt in microseconds, 0 when there was nothing; future events do not count.
	NewestEventTime  int64 `json:"newestEventTime,omitempty"`
	NewestReceivedAt int64 `json:"newestReceivedAt,omitempty"`
	// OldestEventTime in microseconds is that of the oldest event that was ever stored of the source, 0 when there was none. Events that
	// retention or erasure removed since still count: data started there.
	OldestEventTime int64 `json:"oldestEventTime,omitempty"`
	// Public says that the source is not trusted; see Trust.
	Public bool `json:"public,omitempty"`
	// NewIdentities are the identities and links that the source was the first to bring, approximately.
	NewIdentities int64 `json:"newIdentities,omitempty"`
	// IdentityShare is the most that a public source may bring of them, as things are, where the store has a limit; see Shares.
	IdentityShare int64 `json:"identityShare,omitempty"`
	// RefusedNewcomers are the events that were refused because the store has no memory for the identities that they bring, each time that they
	// came. The newest are forgotten when the store ends suddenly.
	RefusedNewcomers int64 `json:"refusedNewcomers,omitempty"`
	// Counters since the source exists.
	Counters Counters `json:"counters"`
	// Duplicates, Expired and Erased events since the source exists.
	Duplicates int64 `json:"duplicates,omitempty"`
	Expired    int64 `json:"expired,omitempty"`
	Erased     int64 `json:"erased,omitempty"`
}

// Health of a store.
type Health struct {
	// Snapshot is the newest state.
	Snapshot
	// ID of the data, made when the volume was first opened: another one is another store, or an empty volume in the place of a full one.
	ID string `json:"id,omitempty"`
	// Events stored, each once; Persons known; Hubs that stopped linking; RefusedMerges of two customers, or of identities kept apart, by trusted links.
	Events        int64 `json:"events"`
	Persons       int64 `json:"persons"`
	Hubs          int64 `json:"hubs"`
	RefusedMerges int64 `json:"refusedMerges"`
	// RefusedPublic are the links that public sources alone claim, between persons that have names of their own.
	RefusedPublic int64 `json:"refusedPublic,omitempty"`
	// Identities and IdentityLinks known, and IdentityLimit, the most of both together that the memory allows; 0 for no limit. See ErrCrowded.
	Identities    int64 `json:"identities,omitempty"`
	IdentityLinks int64 `json:"identityLinks,omitempty"`
	IdentityLimit int64 `json:"identityLimit,omitempty"`
	// UsedBytes on the volume and FreeBytes left on it.
	UsedBytes int64 `json:"usedBytes"`
	FreeBytes int64 `json:"freeBytes"`
	// ReadOnly says why nothing is taken: "full" or the fault; empty when all is well.
	ReadOnly string `json:"readOnly,omitempty"`
	// TailBytes of the log that are not in sorted files yet.
	TailBytes int64 `json:"tailBytes"`
	// Files is the number of sorted files.
	Files int64 `json:"files"`
	// FormatVersion of the data on disk and Version of the program.
	FormatVersion int    `json:"formatVersion"`
	Version       string `json:"version,omitempty"`
}

// State is health, sources and reports in one.
type State struct {
	Health  Health        `json:"health"`
	Sources []SourceState `json:"sources"`
	// Reports of pods, as far as the store takes them; see Reporter.
	Reports []Report `json:"reports,omitempty"`
}

// Erased is the proof of an erasure.
type Erased struct {
	// Identities that the person had; of an erasure of one identity at most 1.
	Identities int64 `json:"identities"`
	// Events removed.
	Events int64 `json:"events"`
	// FilesRewritten without the person, FilesChecked by decoding after.
	FilesRewritten int64 `json:"filesRewritten"`
	FilesChecked   int64 `json:"filesChecked"`
	// IdentityVersion after the erasure.
	IdentityVersion int64 `json:"identityVersion"`
}

// SplitRequest asks to take an identity apart from others. See identity.Table.Split for what that does.
type SplitRequest struct {
	// Identity to take out of its person.
	Identity event.Identity `json:"identity"`
	// From is the identity of whom it must not be; nil means everybody that it is known with.
	From *event.Identity `json:"from,omitempty"`
	// Shared says that the identity is of many people: it links nothing any more. It has no From.
	Shared bool `json:"shared,omitempty"`
	// Undo takes such a split back; without From all that the identity was split from.
	Undo bool `json:"undo,omitempty"`
}

// Parted is the proof of a split.
type Parted struct {
	// Pairs of identities that are kept apart since, or no more when a split is undone; 0 when it was so before.
	Pairs int64 `json:"pairs"`
	// Shared is 1 when the identity links nothing since, or does again when a split is undone; 0 when it was so before.
	Shared int64 `json:"shared,omitempty"`
	// Persons that those are now who were of one person with either identity.
	Persons int64 `json:"persons"`
	// Identities and Events whose person has another number now.
	Identities int64 `json:"identities"`
	Events     int64 `json:"events"`
	// VersionBefore and IdentityVersion of the identity table, before and after. They are equal when nobody's person changed.
	VersionBefore   int64 `json:"versionBefore"`
	IdentityVersion int64 `json:"identityVersion"`
}

// Retained is the answer to a removal of old events.
type Retained struct {
	// Events and Files removed.
	Events int64 `json:"events"`
	Files  int64 `json:"files"`
}

// Result is one kept result of a metric run.
type Result struct {
	// Owner is kind/name/uid of the object that the result belongs to.
	Owner string `json:"owner"`
	// Run identifies the run within the owner; putting it again replaces it.
	Run string `json:"run"`
	// At is the time of analysis, microseconds.
	At int64 `json:"at"`
	// Snapshot that was read.
	Snapshot Snapshot `json:"snapshot"`
	// Body of the result, JSON, at most MaxResultBytes.
	Body []byte `json:"body"`
}

const (
	// MaxResultBytes is the largest body of a result.
	MaxResultBytes = 1 << 20
	// MaxResults is the number of results kept for an owner; the oldest go first.
	MaxResults = 400
)

// Appender takes events. Ingestion needs no more.
type Appender interface {
	// Append returns when the batch is durable. Errors: ErrUnavailable, ErrFull, ErrCrowded, ErrInvalid, ErrUnauthorized.
	Append(ctx context.Context, b Batch) (Appended, error)
	// Cursor of a pull source; nil if there is none.
	Cursor(ctx context.Context, source string) ([]byte, error)
}

// Scanner gives events. Analysis jobs need no more.
type Scanner interface {
	// Scan opens a stream. Errors: ErrUnavailable, ErrSnapshotGone, ErrInvalid.
	Scan(ctx context.Context, r ScanRequest) (Scan, error)
	// State of the store and its sources.
	State(ctx context.Context) (State, error)
	// PutResult keeps a result of a run.
	PutResult(ctx context.Context, r Result) error
	// Results of an owner, the newest first, at most limit.
	Results(ctx context.Context, owner string, limit int) ([]Result, error)
}

// Admin changes what is stored.
type Admin interface {
	// Erase removes the person that has the identity, with all identities, from every file, and keeps a
	// keyed tombstone so that redelivery cannot bring them back.
	Erase(ctx context.Context, id event.Identity) (Erased, error)
	// EraseIdentity removes one identity, the events that belong to it, and its name on the events of others, and keeps a tombstone. What
	// was that person's through it falls back to what remains, to nobody else.
	EraseIdentity(ctx context.Context, id event.Identity) (Erased, error)
	// Split takes an identity out of its person, and remembers that, so that no link joins them again. It is durable on return. No event
	// is lost, and scans of an older identity version see the persons of before. An identity that the store does not know is ErrInvalid.
	Split(ctx context.Context, r SplitRequest) (Parted, error)
	// Retain removes events older than the instant.
	Retain(ctx context.Context, before time.Time) (Retained, error)
}

// Store is the whole contract.
type Store interface {
	Appender
	Scanner
	Admin
	Planner
	// Close ends the store; what was acknowledged is there at the next opening.
	Close() error
}
