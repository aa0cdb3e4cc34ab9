#include "walrus/s3/receive.h"

#include "common/base/encoding.h"
#include "walrus/s3/body.h"

namespace angophora::walrus {

std::string new_blob_name(common::Runtime& runtime) { return runtime.random_hex(24); }

Task<Received> receive_content(Services& services, S3Call& call,
                               std::optional<ChecksumKind> fallback, std::string data_key) {
  CO_TRY(auto promise, promise_of(call));
  if (!promise.checksum_kind) promise.checksum_kind = fallback;
  const auto kind = promise.checksum_kind;
  auto name = new_blob_name(services.runtime);
  auto sink = std::make_shared<UploadSink>(services.blobs, std::move(name), std::move(promise),
                                           std::move(data_key));
  Received received;
  CO_TRY(received.body, co_await receive_body(services.runtime, *call.http.body, std::move(sink)));
  if (kind)
    received.checksum =
        StoredChecksum{*kind, false, common::base64_encode(received.body.digests.checksum)};
  co_return received;
}

}  // namespace angophora::walrus
