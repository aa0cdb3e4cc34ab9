#include "walrus/s3/object_setting.h"

#include "walrus/store/objects.h"

namespace angophora::walrus {

Task<Object> read_version(Services& services, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_object(tx, access, std::nullopt); };
  CO_TRY(auto object, co_await services.db.read(std::move(find)));
  CO_TRY_VOID(refuse_marker(call, object));
  co_return object;
}

Task<Object> change_version(Services& services, S3Call& call, ChangeVersion change) {
  const Access access(call);
  auto write = [access, change](Tx& tx) -> Result<Object> {
    TRY(const auto bucket, find_bucket_unchecked(tx, access));
    TRY(auto object, find_object(tx, access, std::nullopt));
    if (!object.delete_marker) TRY_VOID(change(tx, bucket, object));
    return object;
  };
  CO_TRY(auto object, co_await services.db.write(std::move(write)));
  CO_TRY_VOID(refuse_marker(call, object));
  co_return object;
}

}  // namespace angophora::walrus
