// GetObjectAcl: who may do what with the object.
#include "walrus/s3/access.h"
#include "walrus/s3/acl_document.h"

namespace angophora::walrus::get_object_acl {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_object(tx, access, Permission::read_acp); };
  CO_TRY(const auto object, co_await s.db.read(std::move(find)));
  CO_TRY_VOID(refuse_marker(call, object));
  co_return acl_reply(object.acl, *s.identities.identities());
}

}  // namespace

extern const S3Operation GetObjectAcl{.name = "GetObjectAcl",
                                      .method = "GET",
                                      .resource = Resource::object,
                                      .permission = "s3:GetObjectAcl",
                                      .selector = "acl",
                                      .run = run};

}  // namespace angophora::walrus::get_object_acl
