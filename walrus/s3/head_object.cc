// HeadObject: all that GetObject says but the bytes.
#include "walrus/s3/access.h"
#include "walrus/s3/encryption.h"
#include "walrus/s3/expiry.h"
#include "walrus/s3/serve_object.h"

namespace angophora::walrus::head_object {
namespace {

struct Found {
  Object object;
  std::string expiry;
};

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) -> Result<Found> {
    Found found;
    TRY(found.object, find_object(tx, access, Permission::read));
    TRY(found.expiry, find_expiry(tx, found.object));
    return found;
  };
  CO_TRY(const auto found, co_await s.db.read(std::move(find)));
  const auto& object = found.object;
  CO_TRY_VOID(refuse_marker(call, object));
  CO_TRY_VOID(refuse_encryption_wish(call));
  CO_TRY_VOID(open_data_key(s, call, object.encryption, kOfTarget));
  CO_TRY(auto reply, reply_of_object(call, object));
  add_expiry_header(found.expiry, reply.response.headers);
  co_return std::move(reply.response);
}

}  // namespace

extern const S3Operation HeadObject{.name = "HeadObject",
                                    .method = "HEAD",
                                    .resource = Resource::object,
                                    .permission = "s3:GetObject",
                                    .run = run};

}  // namespace angophora::walrus::head_object
