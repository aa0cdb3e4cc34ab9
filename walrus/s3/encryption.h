// Encryption of objects as requests ask for it: SSE-C, SSE-S3, SSE-KMS.
#pragma once

#include "walrus/domain/encryption.h"
#include "walrus/s3/destination.h"

namespace angophora::walrus {

// A data key in the clear, and how it is kept. Without a key bytes are not encrypted.
struct DataKey {
  std::optional<Encryption> how;
  std::string key;
};

// A new data key for an object that the request makes, when it or the bucket asks for one.
// S3Errc::invalid_argument, invalid_encryption_algorithm, kms_not_found, ...
Result<DataKey> new_data_key(Services& services, const S3Call& call,
                             const Destination& destination);
// The same data key sealed as the request asks for; without a wish no key.
Result<DataKey> reseal(Services& services, const S3Call& call, const Destination& destination,
                       const DataKey& known);

// The data key of what is there, "" when it is not encrypted. A customer's key comes with the
// request, under headers that begin with `prefix`. S3Errc::invalid_request when it is missing, or
// comes for what is not so encrypted; invalid_argument when it is another one.
inline constexpr std::string_view kOfTarget = "x-amz-";
inline constexpr std::string_view kOfCopySource = "x-amz-copy-source-";
Result<std::string> open_data_key(Services& services, const S3Call& call,
                                  const std::string& encryption, std::string_view prefix);

// Says how an object is encrypted.
Result<> add_encryption_headers(const std::string& encryption, http::Headers& headers);
// A request that reads must not ask for encryption. S3Errc::invalid_argument.
Result<> refuse_encryption_wish(const S3Call& call);

}  // namespace angophora::walrus
