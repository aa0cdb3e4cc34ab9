#include "walrus/s3/object_lock_calls.h"

namespace angophora::walrus {

Task<> check_bucket_locks(Services& services, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_bucket_unchecked(tx, access); };
  CO_TRY(const auto bucket, co_await services.db.read(std::move(find)));
  if (bucket.object_lock) co_return common::ok();
  co_return Error(S3Errc::invalid_request, "Bucket is missing Object Lock Configuration");
}

}  // namespace angophora::walrus
