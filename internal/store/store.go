// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package store is the contract between the programs that write and read events and the backend that stores them. A store appends, scans in a fixed
// order, erases, and reports its state. It does not contain any journey maths. One conformance suite (package storetest) runs against every backend
// and the HTTP client.
package store

import (
	"context"
	"errors"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// ProtocolVersion is the version of the HTTP protocol. A store supports this version and the previous one.
const ProtocolVersion = 1

var (
	// ErrUnavailable means that the store cannot process calls now; retry later.
	ErrUnavailable = errors.New("store unavailable")
	// ErrFull means that the volume is full. Nothing is accepted until it has room.
	ErrFull = errors.New("store full")
	// ErrUnauthorized means that the key does not allow the call.
	ErrUnauthorized = errors.New("store key refused")
	// ErrInvalid means that the request is invalid; do not retry it.
	ErrInvalid = errors.New("invalid store request")
	// ErrSnapshotGone means that the requested seq or identity version can no longer be read.
	ErrSnapshotGone = errors.New("snapshot gone")
)

// Batch is the content of one append, which is atomic.
type Batch struct {
	// Source of the batch.
	Source string
	// Events in order of arrival.
	Events []event.Event
	// Moves of the cursors of a pull source: events are stored together with the position up to which they were read.
	Moves []Move
	// Counters are added to those of the source, in the same commit.
	Counters Counters
	// Trust in the source; nil does not change it. A source is trusted by default.
	Trust *Trust
	// Import that the events belong to, so that they can be removed together; empty for events that are sent as they happen. See RemoveRequest.
	Import string
}

// Trust is whether a source is public, and the version of the source's spec that states it.
type Trust struct {
	// Public is set if anybody can send in the source's name. Its links do not join two persons that have names of their own, and are processed after
	// all others. The traits that it sends do not replace those of other sources; see identity.Source.
	Public bool `json:"public"`
	// UID and Generation of the TouchpointSource. The trust of an older generation of the same object is ignored: during a rollout, pods of both generations send.
	UID        string `json:"uid,omitempty"`
	Generation int64  `json:"generation,omitempty"`
}

// After returns the trust that applies when this is stated after the known one.
func (t *Trust) After(known Trust) Trust {
	if t == nil || t.UID == known.UID && t.Generation < known.Generation {
		return known
	}
	return *t
}

// Counters of a source. They never decrease.
type Counters struct {
	// Accepted events, including redelivered ones.
	Accepted int64 `json:"accepted,omitempty"`
	// Dropped documents, which were left out on purpose: by a mapping rule, for lack of consent, or because they are technical.
	Dropped int64 `json:"dropped,omitempty"`
	// WithoutID counts accepted events that had neither an id nor a time of their own: each receipt is a new event.
	WithoutID int64 `json:"withoutID,omitempty"`
	// Uncorrected counts accepted events with a time of sending that could not correct their time.
	Uncorrected int64 `json:"uncorrected,omitempty"`
	// Placeholders counts identities that were left out because their value is a placeholder, in accepted and refused events.
	Placeholders int64 `json:"placeholders,omitempty"`
	// PlaceholderIDs counts accepted events whose id was a placeholder, and was ignored.
	PlaceholderIDs int64 `json:"placeholderIDs,omitempty"`
	// Unidentified counts accepted events without any identity, which belong to no person.
	Unidentified int64 `json:"unidentified,omitempty"`
	// Rejected events by reason.
	Rejected map[string]Rejection `json:"rejected,omitempty"`
}

// Rejection counts the events refused for one reason. Stores keep at most MaxReasons reasons for a source.
type Rejection struct {
	// Count is the number of events.
	Count int64 `json:"count"`
	// Example is the latest error message.
	Example string `json:"example,omitempty"`
}

// MaxReasons is the number of reasons for a source; further ones count as "other".
const MaxReasons = 32

// Appended is the response to an append.
type Appended struct {
	// Seq of the commit. Seqs have no gaps. It is 0 if there was nothing to commit.
	Seq int64 `json:"seq"`
	// Duplicates counts events whose key was already known, and that were not stored again. The keys of events stay when the events are removed.
	Duplicates int64 `json:"duplicates"`
	// Expired counts events older than the retention, which were not stored.
	Expired int64 `json:"expired"`
	// Erased counts events of erased persons, which were not stored.
	Erased int64 `json:"erased"`
}

// ScanRequest selects events. The zero value selects all.
type ScanRequest struct {
	// From and To limit the time of the events: From <= time < To, in microseconds. A To of 0 means no limit.
	From int64 `json:"from,omitempty"`
	To   int64 `json:"to,omitempty"`
	// Sources to read; empty means all.
	Sources []string `json:"sources,omitempty"`
	// Columns to read in addition to the fixed ones (see ScanSchema); empty means all.
	Columns []string `json:"columns,omitempty"`
	// PersonsWith selects persons with at least one event with one of these names in the range; empty means all persons. It is a hint: a store can return more.
	PersonsWith []string `json:"personsWith,omitempty"`
	// By is a unit to scan by instead of the person: sessionId, orderId, properties.PATH or groups.PATH. The person of a row is then the number of its
	// unit in this scan, and ColumnUnit holds the value of the unit. The events of a unit can be of several persons. Rows without a value are left out
	// and counted. Empty means by person.
	By string `json:"by,omitempty"`
	// Packed allows the store to return a smaller form: persons as runs, columns with few distinct texts as dictionaries, and only the person, the time
	// and the requested columns. It is a hint: a store can return the form of Plain, and does so for scans by unit.
	Packed bool `json:"packed,omitempty"`
	// Counting allows a packed scan to omit events and count them. It is a hint: a store can return more events than requested.
	Counting *Counting `json:"counting,omitempty"`
	// AsOfSeq is the latest commit to read; 0 means the latest of the store.
	AsOfSeq int64 `json:"asOfSeq,omitempty"`
	// IdentityVersion of the identity table to use; 0 means that of AsOfSeq.
	IdentityVersion int64 `json:"identityVersion,omitempty"`
	// Pin is the ID of a pin whose snapshot to read. AsOfSeq and IdentityVersion are then those of the pin, or 0.
	Pin string `json:"pin,omitempty"`
	// Shard and Shards split the persons: shard i of n. Shards 0 means 1.
	Shard  int `json:"shard,omitempty"`
	Shards int `json:"shards,omitempty"`
}

// Scan is a stream of record batches ordered by (person, time, seq, index). All events of a person, or of a unit in a scan by unit, are consecutive;
// they can continue in the next batch. Appends find duplicates, by their keys. A scan leaves out none: events can be equal in everything but the key.
type Scan interface {
	// Snapshot returns the state that the scan reads.
	Snapshot() Snapshot
	// Next returns the next batch, or io.EOF. The batch is valid until the next call.
	Next() (arrow.RecordBatch, error)
	// Stats returns the statistics. They are complete once Next has returned io.EOF.
	Stats() ScanStats
	// Close ends the scan early.
	Close() error
}

// Snapshot identifies a state of the store.
type Snapshot struct {
	// Seq of the latest commit in it.
	Seq int64 `json:"seq"`
	// IdentityVersion of the identity table.
	IdentityVersion int64 `json:"identityVersion"`
}

// ScanStats are the statistics of a scan.
type ScanStats struct {
	// Rows that were returned.
	Rows int64 `json:"rows"`
	// Duplicates is always 0, because appends find duplicates and scans leave out none.
	Duplicates int64 `json:"duplicates"`
	// WithoutUnit is the number of rows that were left out because they have no value for ScanRequest.By.
	WithoutUnit int64 `json:"withoutUnit,omitempty"`
	// Tallies count the events that were not returned, as ScanRequest.Counting requests.
	Tallies []event.Tally `json:"tallies,omitempty"`
	// Bytes read from files.
	Bytes int64 `json:"bytes"`
}

// Seen updates the oldest and latest times with those of a stored event. Future events change neither.
func (s *SourceState) Seen(e *event.Event) {
	if e.Flags&event.FlagFuture != 0 {
		return
	}
	s.NewestEventTime = max(s.NewestEventTime, e.Time)
	if s.OldestEventTime == 0 || e.Time < s.OldestEventTime {
		s.OldestEventTime = e.Time
	}
}

// SourceState is the state of a source in the store.
type SourceState struct {
	// Name of the source.
	Name string `json:"name"`
	// NewestEventTime and NewestReceivedAt are in microseconds, 0 if there are none. Future events do not count.
	NewestEventTime  int64 `json:"newestEventTime,omitempty"`
	NewestReceivedAt int64 `json:"newestReceivedAt,omitempty"`
	// Watermark of a pull source, in microseconds; 0 for other sources. See Cursors.Watermark.
	Watermark int64 `json:"watermark,omitempty"`
	// OldestEventTime is the time of the oldest event that was ever stored from the source, in microseconds, 0 if there was none. Events that retention
	// or erasure has removed still count, because the data started there. Those of Remove do not.
	OldestEventTime int64 `json:"oldestEventTime,omitempty"`
	// Public is set if the source is not trusted; see Trust.
	Public bool `json:"public,omitempty"`
	// NewIdentities is the approximate number of identities and links that the source was the first to bring.
	NewIdentities int64 `json:"newIdentities,omitempty"`
	// IdentityShare is the number of them that a public source can currently bring, if the store has a limit; see Shares.
	IdentityShare int64 `json:"identityShare,omitempty"`
	// RefusedNewcomers is the number of events that were refused because the store has no memory for their identities, counted each time they were sent.
	// The latest ones are lost if the store crashes.
	RefusedNewcomers int64 `json:"refusedNewcomers,omitempty"`
	// Counters since the source was created.
	Counters Counters `json:"counters"`
	// Duplicates, Expired and Erased events since the source was created.
	Duplicates int64 `json:"duplicates,omitempty"`
	Expired    int64 `json:"expired,omitempty"`
	Erased     int64 `json:"erased,omitempty"`
	// Removed counts the events that Remove has removed. They still count in Counters.
	Removed int64 `json:"removed,omitempty"`
	// Imports are the latest ones, the newest first.
	Imports []ImportState `json:"imports,omitempty"`
}

// Health of a store.
type Health struct {
	// Snapshot is the latest state.
	Snapshot
	// ID of the data, created when the volume is first opened. A different ID means a different store, or an empty volume instead of a full one.
	ID string `json:"id,omitempty"`
	// Events is the number of stored events, each counted once. Persons and Hubs are those of the identity table. RefusedMerges counts links of trusted
	// sources that would join two customers, or identities that are kept apart.
	Events        int64 `json:"events"`
	Persons       int64 `json:"persons"`
	Hubs          int64 `json:"hubs"`
	RefusedMerges int64 `json:"refusedMerges"`
	// RefusedPublic counts links that only public sources state, between persons that have names of their own.
	RefusedPublic int64 `json:"refusedPublic,omitempty"`
	// Identities and IdentityLinks are the numbers of known ones, and IdentityLimit the maximum of both together that the memory allows; 0 for no limit.
	// See ErrCrowded.
	Identities    int64 `json:"identities,omitempty"`
	IdentityLinks int64 `json:"identityLinks,omitempty"`
	IdentityLimit int64 `json:"identityLimit,omitempty"`
	// UsedBytes and FreeBytes of the volume.
	UsedBytes int64 `json:"usedBytes"`
	FreeBytes int64 `json:"freeBytes"`
	// ReadOnly is why the store accepts no events: "full" or the error. It is empty if it does.
	ReadOnly string `json:"readOnly,omitempty"`
	// UnflushedBytes is the size of the log that is not in sorted files yet.
	UnflushedBytes int64 `json:"unflushedBytes"`
	// Pins is the number of pins, OldestPin the time at which the oldest was created, in microseconds, and PinnedBytes what is on the volume only for them.
	// PinsEndedEarly counts those that the store ended before their time since it was opened: for an erasure, for space, or because a file is damaged.
	Pins           int64 `json:"pins,omitempty"`
	OldestPin      int64 `json:"oldestPin,omitempty"`
	PinnedBytes    int64 `json:"pinnedBytes,omitempty"`
	PinsEndedEarly int64 `json:"pinsEndedEarly,omitempty"`
	// CorruptResults counts results that the store has set aside since it was opened, because their files are corrupt.
	CorruptResults int64 `json:"corruptResults,omitempty"`
	// Files is the number of sorted files.
	Files int64 `json:"files"`
	// FormatVersion of the data on disk, and Version of the program.
	FormatVersion int    `json:"formatVersion"`
	Version       string `json:"version,omitempty"`
}

// State combines health, sources and reports.
type State struct {
	Health  Health        `json:"health"`
	Sources []SourceState `json:"sources"`
	// Pins that have not ended, the oldest first.
	Pins []Pin `json:"pins,omitempty"`
	// Reports of pods, if the store accepts them; see Reporter.
	Reports []Report `json:"reports,omitempty"`
}

// Erased is the proof of an erasure.
type Erased struct {
	// Identities of the person that were erased; at most 1 for an erasure of one identity.
	Identities int64 `json:"identities"`
	// Events that were removed.
	Events int64 `json:"events"`
	// FilesRewritten is the number of files rewritten without the person, FilesChecked the number decoded afterwards to verify it.
	FilesRewritten int64 `json:"filesRewritten"`
	FilesChecked   int64 `json:"filesChecked"`
	// IdentityVersion after the erasure.
	IdentityVersion int64 `json:"identityVersion"`
}

// SplitRequest is a request to separate an identity from others; see identity.Split.
type SplitRequest struct {
	// Identity to separate from its person.
	Identity event.Identity `json:"identity"`
	// From is the identity to separate it from; nil means everything that it is known with.
	From *event.Identity `json:"from,omitempty"`
	// Shared is set if the identity belongs to many people: it no longer links anything. It has no From.
	Shared bool `json:"shared,omitempty"`
	// Undo reverts such a split; without From, all splits of the identity.
	Undo bool `json:"undo,omitempty"`
}

// Parted is the proof of a split.
type Parted struct {
	// Pairs is the number of pairs of identities that are now kept apart, or no longer are if a split is undone; 0 if nothing changed.
	Pairs int64 `json:"pairs"`
	// Shared is 1 if the identity no longer links anything, or does so again if a split is undone; 0 if nothing changed.
	Shared int64 `json:"shared,omitempty"`
	// Persons is the number of persons that those who were one person with either identity are now.
	Persons int64 `json:"persons"`
	// Identities and Events whose person now has a different number.
	Identities int64 `json:"identities"`
	Events     int64 `json:"events"`
	// VersionBefore and IdentityVersion are the versions of the identity table before and after. They are equal if no person changed.
	VersionBefore   int64 `json:"versionBefore"`
	IdentityVersion int64 `json:"identityVersion"`
}

// Retained is the result of removing old events.
type Retained struct {
	// Events and Files that were removed.
	Events int64 `json:"events"`
	Files  int64 `json:"files"`
}

// Result is a stored result of an analysis run.
type Result struct {
	// Owner is kind/name/uid of the object that the result belongs to.
	Owner string `json:"owner"`
	// Run identifies the run within the owner. Storing it again replaces it.
	Run string `json:"run"`
	// At is the time of analysis, in microseconds.
	At int64 `json:"at"`
	// Snapshot is the state that the run read.
	Snapshot Snapshot `json:"snapshot"`
	// Body of the result as JSON, at most MaxResultBytes.
	Body []byte `json:"body"`
}

const (
	// MaxResultBytes is the largest body of a result.
	MaxResultBytes = 1 << 20
	// MaxResults is the number of results of an owner; the oldest are removed first.
	MaxResults = 400
)

// Appender is the part of the contract that ingestion needs.
type Appender interface {
	// Append returns once the batch is durable and in every scan that begins afterwards. A batch that moves cursors and was stored before is not stored
	// again: its events count as duplicates, its counters are not added. Errors: ErrUnavailable (also as ErrHeld), ErrFull, ErrCrowded, ErrInvalid,
	// ErrUnauthorized, ErrCursorMoved.
	Append(ctx context.Context, b Batch) (Appended, error)
	// Cursors returns those of a pull source, in the order of partitions.
	Cursors(ctx context.Context, source string) (Cursors, error)
}

// Scanner is the part of the contract that analysis jobs need.
type Scanner interface {
	Pinner
	// Scan opens a stream. Errors: ErrUnavailable, ErrSnapshotGone, ErrInvalid.
	Scan(ctx context.Context, r ScanRequest) (Scan, error)
	// State returns the state of the store and its sources.
	State(ctx context.Context) (State, error)
	// PutResult stores a result of a run.
	PutResult(ctx context.Context, r Result) error
	// Results returns the results of an owner, the newest first, at most limit.
	Results(ctx context.Context, owner string, limit int) ([]Result, error)
}

// Admin changes what is stored.
type Admin interface {
	// Erase removes the person who has the identity, with all identities, from every file. It keeps a keyed tombstone, so that redelivery cannot restore them.
	Erase(ctx context.Context, id event.Identity) (Erased, error)
	// EraseIdentity removes one identity, the events that belong to it, and the identity from the events of others, and keeps a tombstone. What belonged
	// to the person only through it stays with the remaining identities, never with somebody else.
	EraseIdentity(ctx context.Context, id event.Identity) (Erased, error)
	// Split separates an identity from its person permanently, so that no link joins them again. It is durable on return. No event is lost, and scans of
	// an older identity version return the earlier persons. It returns ErrInvalid for an unknown identity.
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
	Remover
	Loader
	// Close closes the store. Everything that was acknowledged is there when it is opened again.
	Close() error
}
