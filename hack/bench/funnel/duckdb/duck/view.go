// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package duck

/*
#include <stdlib.h>
#include <stdint.h>

// The stream of the Arrow C data interface: four functions and a pointer.
struct journeyman_stream { void *members[5]; };
*/
import "C"

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/cdata"
	bindings "github.com/duckdb/duckdb-go-bindings"
)

// View creates a view of records that all connections of the database see. The records can be read once, and without filters, because DuckDB pushes
// filters down to the reader, which ignores them. Call release after the query; it frees the records.
func (c *Conn) View(name string, reader array.RecordReader) (release func(), err error) {
	stream := C.calloc(1, C.sizeof_struct_journeyman_stream)
	cdata.ExportRecordReader(reader, (*cdata.CArrowArrayStream)(stream))
	release = func() {
		cdata.ReleaseCArrowArrayStream((*cdata.CArrowArrayStream)(stream))
		C.free(stream)
	}
	if bindings.ArrowScan(c.conn, name, bindings.ArrowStream{Ptr: stream}) == bindings.StateError {
		release()
		return nil, fmt.Errorf("duckdb: view %s of Arrow records failed", name)
	}
	return release, nil
}
