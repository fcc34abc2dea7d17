// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
)

// position of a partition that is read.
type position struct {
	// cursor is the position in the store, from which the next batch continues; nil if there is none yet.
	cursor []byte
	// stored is the offset after the last message that is stored, next that after the last one that was read, and end that after the last one of the
	// partition, as far as known.
	stored, next, end int64
	// known is set while end is what the brokers said, and not a guess.
	known bool
}

// encode returns a position of the store: the topic's id and the next offset.
func encode(topicID string, offset int64) []byte {
	return []byte(topicID + ":" + strconv.FormatInt(offset, 10))
}

// decodePosition is the inverse of encode.
func decodePosition(raw []byte) (topicID string, offset int64, ok bool) {
	id, text, found := strings.Cut(string(raw), ":")
	offset, err := strconv.ParseInt(text, 10, 64)
	return id, offset, found && err == nil && offset >= 0
}

// idOf returns the id of a topic as a text. Brokers before 2.8 have none: the name is used then, and a topic that is created again looks like the one before.
func idOf(t *kadm.TopicDetail) string {
	if t.ID == (kadm.TopicID{}) {
		return "name-" + t.Topic
	}
	return base64.RawURLEncoding.EncodeToString(t.ID[:])
}
