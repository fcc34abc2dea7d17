// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each counter is added, makes the counters not empty, and must not be negative.
func TestEachCounterIsAdded(t *testing.T) {
	fields := reflect.TypeFor[Counters]()
	for i := range fields.NumField() {
		set := func(n int64) (c Counters) {
			if field := reflect.ValueOf(&c).Elem().Field(i); field.Kind() == reflect.Int64 {
				field.SetInt(n)
			} else {
				c.Rejected = map[string]Rejection{"bad-time": {Count: n}}
			}
			return c
		}
		sum := set(2)
		require.False(t, sum.Empty(), fields.Field(i).Name)
		sum.Add(set(3))
		require.Equal(t, set(5), sum, fields.Field(i).Name)
		require.NoError(t, sum.check())
		sum.Add(set(-6))
		require.ErrorIs(t, sum.check(), ErrInvalid, fields.Field(i).Name)
	}
	require.True(t, new(Counters).Empty())
}

// Rejections keep the newest example. The number of reasons is limited, independent of the order of a map.
func TestRejectionsKeepTheNewestExample(t *testing.T) {
	var c Counters
	c.Add(Counters{Rejected: map[string]Rejection{"a": {Count: 1, Example: "old"}}})
	c.Add(Counters{Rejected: map[string]Rejection{"a": {Count: 1, Example: "new"}}})
	c.Add(Counters{Rejected: map[string]Rejection{"a": {Count: 1}}})
	require.Equal(t, map[string]Rejection{"a": {Count: 3, Example: "new"}}, c.Rejected)
}
