// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// CheckBatch returns an error if a value of a batch that Arrow's reader returned cannot be read. The reader does not check lengths, offsets and indices.
func CheckBatch(batch arrow.RecordBatch) (err error) {
	defer func() {
		// Arrow's validation panics for some of them.
		if p := recover(); p != nil {
			err = fmt.Errorf("a batch is corrupt: %v", p)
		}
	}()
	for i, column := range batch.Columns() {
		if err := checkColumn(column); err != nil {
			return fmt.Errorf("column %s is corrupt: %w", batch.ColumnName(i), err)
		}
	}
	return nil
}

func checkColumn(column arrow.Array) error {
	switch c := column.(type) {
	case *array.String:
		return checkTexts(c)
	case *array.Dictionary:
		return errors.Join(array.ValidateFull(c), checkColumn(c.Dictionary()))
	}
	return array.ValidateFull(column)
}

var errOffsets = errors.New("the offsets of its texts are not ascending")

// checkTexts does not check UTF-8, as array.ValidateFull does: that takes as long as decoding the batch.
func checkTexts(texts *array.String) error {
	if err := array.Validate(texts); err != nil {
		return err
	}
	last := int32(0)
	for _, offset := range texts.ValueOffsets() {
		if offset < last {
			return errOffsets
		}
		last = offset
	}
	return nil
}
