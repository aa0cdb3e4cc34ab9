#include "walrus/store/images.h"

#include "walrus/store/columns.h"

namespace angophora::walrus {

Result<> Images::put(const AdmittedImage& image) {
  TRY_VOID(remove(image.id));
  TRY(auto q,
      tx_.prepare("INSERT INTO images (id, account, bucket, admitted_ms) VALUES (?1, ?2, ?3, ?4)"));
  q.bind(1, image.id).bind(2, image.account).bind(3, image.bucket);
  q.bind(4, milliseconds_of(image.admitted));
  TRY_VOID(q.run());
  for (const auto& part : image.parts) {
    TRY(auto p, tx_.prepare("INSERT INTO image_parts (image, number, key, etag, size_bytes) "
                            "VALUES (?1, ?2, ?3, ?4, ?5)"));
    p.bind(1, image.id).bind(2, part.number).bind_blob(3, part.key).bind(4, part.etag);
    p.bind(5, part.size_bytes);
    TRY_VOID(p.run());
  }
  return common::ok();
}

Result<> Images::remove(const common::ImageId& id) {
  TRY(auto parts, tx_.prepare("DELETE FROM image_parts WHERE image=?1"));
  parts.bind(1, id);
  TRY_VOID(parts.run());
  TRY(auto image, tx_.prepare("DELETE FROM images WHERE id=?1"));
  image.bind(1, id);
  TRY_VOID(image.run());
  return common::ok();
}

Result<std::pair<std::string, ImagePart>> Images::part(const common::ImageId& id, int number) {
  TRY(auto q, tx_.prepare("SELECT i.bucket, p.key, p.etag, p.size_bytes FROM images i "
                          "JOIN image_parts p ON p.image = i.id WHERE i.id=?1 AND p.number=?2"));
  q.bind(1, id).bind(2, number);
  TRY(const bool found, q.step());
  if (!found)
    return common::Error(common::Errc::not_found, "part " + std::to_string(number) + " of image " +
                                                      id.value + " is not known here");
  ImagePart part{number, q.text(1), q.text(2), static_cast<std::uint64_t>(q.integer(3))};
  return std::pair(q.text(0), std::move(part));
}

}  // namespace angophora::walrus
