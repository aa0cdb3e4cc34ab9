// GetObject: the bytes, or a range of them, straight from the file.
#include "walrus/s3/access.h"
#include "walrus/s3/content.h"
#include "walrus/s3/encryption.h"
#include "walrus/s3/expiry.h"
#include "walrus/s3/serve_object.h"

namespace angophora::walrus::get_object {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  const auto expiry = std::make_shared<std::string>();
  FindObject find = [access, expiry](Tx& tx) -> Result<Object> {
    TRY(auto object, find_object(tx, access, Permission::read));
    TRY(*expiry, find_expiry(tx, object));
    return object;
  };
  CO_TRY(auto open, co_await open_object(s, std::move(find)));
  CO_TRY_VOID(refuse_marker(call, open.object));
  CO_TRY_VOID(refuse_encryption_wish(call));
  CO_TRY(auto reply, reply_of_object(call, open.object));
  CO_TRY(open.data_key, open_data_key(s, call, open.object.encryption, kOfTarget));
  add_expiry_header(*expiry, reply.response.headers);
  CO_TRY_VOID(set_content(s, std::move(open), reply.range, reply.response));
  co_return std::move(reply.response);
}

}  // namespace

extern const S3Operation GetObject{.name = "GetObject",
                                   .method = "GET",
                                   .resource = Resource::object,
                                   .permission = "s3:GetObject",
                                   .run = run};

}  // namespace angophora::walrus::get_object
