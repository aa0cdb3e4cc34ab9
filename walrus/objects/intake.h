// Brings a request's body to its sink: the I/O thread reads one buffer while the pool unframes,
// hashes and writes the one before.
#pragma once

#include <memory>

#include "common/http/http.h"
#include "common/runtime/runtime.h"
#include "walrus/objects/upload_sink.h"

namespace angophora::walrus {

using common::Task;

// S3Errc::incomplete_body when the client goes away, and what the sink says. Whatever goes wrong,
// the draft is gone afterwards.
Task<ReceivedBody> receive_body(common::Runtime& runtime, http::BodyReader& body,
                                std::shared_ptr<UploadSink> sink);

}  // namespace angophora::walrus
