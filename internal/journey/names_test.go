// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTableIsBounded(t *testing.T) {
	names := NewTexts()
	for i := range 2 * MaxNames {
		names.Number(fmt.Sprint("name ", i))
	}
	require.Len(t, names.texts, MaxNames+1)
	require.Equal(t, OtherName, names.Text(names.Number("one more")))
	require.Equal(t, "name 7", names.Text(names.Number("name 7")))
}
