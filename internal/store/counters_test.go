// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEachCounterCounts: whatever is added to the counters is added up, is not empty, and may not be negative.
func TestEachCounterCounts(t *testing.T) {
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

// TestRejectionsKeepTheNewestExample, and their reasons have a bound that the order of a map does not decide on.
func TestRejectionsKeepTheNewestExample(t *testing.T) {
	var c Counters
	c.Add(Counters{Rejected: map[string]Rejection{"a": {Count: 1, Example: "old"}}})
	c.Add(Counters{Rejected: map[string]Rejection{"a": {Count: 1, Example: "new"}}})
	c.Add(Counters{Rejected: map[string]Rejection{"a": {Count: 1}}})
	require.Equal(t, map[string]Rejection{"a": {Count: 3, Example: "new"}}, c.Rejected)
}
