// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import "github.com/journeyman-dev/journeyman/internal/journey"

// codes holds the numbers of the codes of rows, so that a row needs no look-up of its texts.
type codes struct {
	names    []*nameInfo
	channels []uint32 // number plus one
}

// NewCodes announces that the codes of the following rows can mean other texts. Codes are smaller than names and channels.
func (e *Engine) NewCodes(names, channels int) {
	e.codes.names, e.codes.channels = cleared(e.codes.names, names), cleared(e.codes.channels, channels)
}

func cleared[T any](list []T, n int) []T {
	if cap(list) < n {
		return make([]T, n)
	}
	list = list[:n]
	clear(list)
	return list
}

func (e *Engine) infoOf(r *journey.Row) *nameInfo {
	if r.NameCode == 0 {
		return e.info(r.Name)
	}
	info := e.codes.names[r.NameCode]
	if info == nil {
		info = e.info(r.Name)
		e.codes.names[r.NameCode] = info
	}
	return info
}

func (e *Engine) channelOf(r *journey.Row) uint32 {
	if r.ChannelCode == 0 {
		return e.channels.Number(r.Channel)
	}
	n := e.codes.channels[r.ChannelCode]
	if n == 0 {
		n = e.channels.Number(r.Channel) + 1
		e.codes.channels[r.ChannelCode] = n
	}
	return n - 1
}
