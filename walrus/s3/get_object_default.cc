// GetObjectTagging: objects have no tags here, which is what it says.
#include "walrus/s3/access.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_object(tx, access, Permission::read); };
  CO_TRY_VOID(co_await s.db.read(std::move(find)));
  auto writer = start_xml("Tagging");
  writer.empty("TagSet");
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation GetObjectDefault{.name = "GetObjectTagging",
                                          .method = "GET",
                                          .resource = Resource::object,
                                          .permission = "s3:GetObjectTagging",
                                          .selector = "tagging",
                                          .run = run};

}  // namespace angophora::walrus
