// GetObjectTagging: the tags of a version.
#include "walrus/documents/tagging.h"
#include "walrus/s3/object_headers.h"
#include "walrus/s3/object_setting.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::get_object_tagging {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY(const auto object, co_await read_version(s, call));
  auto writer = start_xml("Tagging");
  writer.open("TagSet").raw(tag_set_xml(object.tags)).close();
  auto response = xml_reply(std::move(writer));
  add_version_header(object, response.headers);
  co_return response;
}

}  // namespace

extern const S3Operation GetObjectTagging{.name = "GetObjectTagging",
                                          .method = "GET",
                                          .resource = Resource::object,
                                          .permission = "s3:GetObjectTagging",
                                          .selector = "tagging",
                                          .run = run};

}  // namespace angophora::walrus::get_object_tagging
