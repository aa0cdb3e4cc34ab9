// The last step of every write: one transaction, and then the files that nothing needs any more.
#pragma once

#include "walrus/s3/access.h"
#include "walrus/s3/object_headers.h"
#include "walrus/store/blobs.h"

namespace angophora::walrus {

// Removes blobs that no row refers to, in the background. What a crash leaves is swept at the
// next start.
void discard_blobs(Services& services, FreedBlobs blobs);

// New blobs have rows now. What went to the disk just now need not be checked when it is read.
void note_written(Services& services, const std::vector<Segment>& fresh);

// Takes back new blobs that no row will refer to.
void discard_new(Services& services, const std::vector<Segment>& fresh);

// Takes back new blobs whose transaction failed with `error`, unless it is unknown whether it
// took effect.
void discard_after_failure(Services& services, const std::vector<Segment>& fresh,
                           const Error& error);

// Puts `object` into its bucket; the version that it became. Its content is new (`fresh`) or shared
// with another object. The caller must be allowed to write to the bucket still.
Task<std::string> commit_object(Services& services, Access access, Object object, bool fresh,
                                WriteConditions conditions);

}  // namespace angophora::walrus
