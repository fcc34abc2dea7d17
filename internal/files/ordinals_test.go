// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ordinals distinguish equal rows, also if other rows are between them.
func TestOrdinals(t *testing.T) {
	var o Ordinals
	for _, want := range []string{"a", "b", "a#2", "a#3", "b#2", "c"} {
		got, err := o.Of(want[:1])
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// In the sales of a real shop, thousands of lines are equal, and each is a sale.
func TestRealSales(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "datasets", "online-retail", "online_retail.csv.gz")
	if _, err := os.Stat(path); err != nil {
		t.Skip("the published data set is not there: " + err.Error())
	}
	f, err := Open(path, Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	var o Ordinals
	var sales, equal, pence int
	require.NoError(t, f.Each(func(r Row) error {
		require.Nil(t, r.Bad)
		quantity, err := strconv.Atoi(r.Values["Quantity"].(string))
		require.NoError(t, err)
		price, err := strconv.ParseFloat(r.Values["UnitPrice"].(string), 64)
		require.NoError(t, err)
		if r.Values["CustomerID"] == nil || quantity <= 0 || price <= 0 {
			return nil
		}
		id, err := o.Of(fmt.Sprint(r.Values))
		require.NoError(t, err)
		sales++
		if strings.Contains(id, "#") {
			equal++
			pence += int(math.Round(price * float64(quantity) * 100))
		}
		return nil
	}))
	require.Equal(t, []int{397_884, 5_192}, []int{sales, equal})
	require.InDelta(t, 24_199, float64(pence)/100, 1)
}
