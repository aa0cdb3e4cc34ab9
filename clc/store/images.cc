#include "clc/store/images.h"

#include "clc/domain/instance_errors.h"
#include "clc/store/tags.h"
#include "clc/store/values.h"

namespace angophora::clc {
namespace {

#define IMAGE_COLUMNS                                                                 \
  "image_id, account_id, kind, name, description, location, architecture, platform, " \
  "virtualization, root_device_name, kernel_id, ramdisk_id, available, is_public, "   \
  "created_at_ms, bytes, bundled_bytes, sha1, sealed_key, sealed_iv "

Image read_image(Query& q) {
  Image i;
  int c = 0;
  i.id = q.id<ImageId>(c++);
  i.owner = q.id<AccountId>(c++);
  i.kind = parse_image_kind(q.text(c++)).value_or(ImageKind::machine);
  i.name = q.text(c++);
  i.description = q.text(c++);
  i.location = q.text(c++);
  i.architecture = q.text(c++);
  i.platform = q.text(c++);
  i.virtualization = q.text(c++);
  i.root_device_name = q.text(c++);
  i.kernel = q.id<ImageId>(c++);
  i.ramdisk = q.id<ImageId>(c++);
  i.available = q.integer(c++) != 0;
  i.is_public = q.integer(c++) != 0;
  i.created_at = from_ms(q.integer(c++));
  i.bytes = q.integer(c++);
  i.bundled_bytes = q.integer(c++);
  i.sha1 = q.text(c++);
  i.sealed_key.key = q.text(c++);
  i.sealed_key.iv = q.text(c++);
  return i;
}

}  // namespace

Result<> Images::insert(const Image& i) {
  TRY(auto q, tx_.prepare("INSERT INTO images (" IMAGE_COLUMNS
                          ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
                          "?14, ?15, ?16, ?17, ?18, ?19, ?20)"));
  Values values(q);
  values.next(i.id).next(i.owner).next(to_string(i.kind)).next(i.name).next(i.description);
  values.next(i.location).next(i.architecture).next(i.platform).next(i.virtualization);
  values.next(i.root_device_name).next(i.kernel).next(i.ramdisk).next(i.available);
  values.next(i.is_public).next(to_ms(i.created_at)).next(i.bytes).next(i.bundled_bytes);
  values.next(i.sha1).blob(i.sealed_key.key).blob(i.sealed_key.iv);
  const auto ran = q.run();
  if (!ran && ran.error().code == make_error_code(db::DbErrc::unique))
    return Error(ImageErrc::duplicate_name,
                 "The image name '" + i.name + "' is already in use by this account");
  TRY_VOID(std::move(ran));
  std::int64_t number = 0;
  for (const auto& part : i.parts) {
    TRY(auto p, tx_.prepare("INSERT INTO image_parts (image_id, part_no, file_name, sha1, bytes) "
                            "VALUES (?1, ?2, ?3, ?4, ?5)"));
    p.bind(1, i.id).bind(2, number++).bind(3, part.file_name).bind(4, part.sha1);
    p.bind(5, part.bytes);
    TRY_VOID(p.run());
  }
  for (const auto& account : i.launchers) TRY_VOID(add_launcher(i.id, account));
  return TagRows(tx_).put(i.owner, i.id.value, i.tags);
}

Result<std::vector<Image>> Images::read_all(Query& q) {
  TRY(auto images, all_rows(q, read_image));
  for (auto& image : images) {
    TRY(auto l, tx_.prepare("SELECT account_id FROM image_launchers WHERE image_id=?1"));
    l.bind(1, image.id);
    TRY(auto launchers, all_rows(l, [](Query& row) { return row.id<AccountId>(0); }));
    image.launchers.insert(launchers.begin(), launchers.end());
    TRY(image.tags, TagRows(tx_).of(image.id.value));
  }
  return images;
}

Result<std::optional<Image>> Images::find(const ImageId& id) {
  TRY(auto q, tx_.prepare("SELECT " IMAGE_COLUMNS "FROM images WHERE image_id=?1"));
  q.bind(1, id);
  TRY(auto found, read_all(q));
  if (found.empty()) return std::optional<Image>();
  TRY(auto p, tx_.prepare("SELECT file_name, sha1, bytes FROM image_parts WHERE image_id=?1 "
                          "ORDER BY part_no"));
  p.bind(1, id);
  TRY(found.front().parts, all_rows(p, [](Query& row) {
        return ImagePart{row.text(0), row.text(1), row.integer(2)};
      }));
  return std::optional<Image>(std::move(found.front()));
}

Result<std::vector<Image>> Images::visible_to(const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT " IMAGE_COLUMNS
                          "FROM images WHERE available=1 AND (account_id=?1 OR is_public=1 OR "
                          "image_id IN (SELECT image_id FROM image_launchers WHERE account_id=?1)) "
                          "ORDER BY image_id"));
  q.bind(1, account);
  return read_all(q);
}

Result<std::vector<Image>> Images::all() {
  TRY(auto q, tx_.prepare("SELECT " IMAGE_COLUMNS "FROM images WHERE available=1 "
                          "ORDER BY image_id"));
  return read_all(q);
}

Result<std::optional<ImageId>> Images::find_by_location(const AccountId& owner,
                                                        std::string_view location) {
  TRY(auto q, tx_.prepare("SELECT image_id FROM images WHERE account_id=?1 AND location=?2 "
                          "AND available=1"));
  q.bind(1, owner).bind(2, location);
  TRY(const bool found, q.step());
  if (!found) return std::optional<ImageId>();
  return std::optional(q.id<ImageId>(0));
}

Result<> Images::retire(const ImageId& id) {
  TRY(auto q, tx_.prepare("UPDATE images SET available=0, is_public=0 WHERE image_id=?1"));
  q.bind(1, id);
  TRY_VOID(q.run());
  TRY_VOID(TagRows(tx_).remove_all(id.value));
  return remove_launchers(id);
}

Result<> Images::remove(const ImageId& id) {
  TRY(auto q, tx_.prepare("DELETE FROM images WHERE image_id=?1"));
  q.bind(1, id);
  TRY_VOID(q.run());
  return TagRows(tx_).remove_all(id.value);
}

Result<std::vector<ImageId>> Images::unused_retired() {
  TRY(auto q, tx_.prepare("SELECT image_id FROM images m WHERE available=0 AND NOT EXISTS ("
                          "SELECT 1 FROM instances i WHERE i.state<>'terminated' AND "
                          "(i.image_id=m.image_id OR i.kernel_id=m.image_id OR "
                          "i.ramdisk_id=m.image_id))"));
  return all_rows(q, [](Query& row) { return row.id<ImageId>(0); });
}

Result<> Images::note_admission(const ImageId& id, common::SysTime now) {
  TRY(auto q,
      tx_.prepare("INSERT INTO image_admissions (image_id, started_at_ms) VALUES (?1, ?2)"));
  q.bind(1, id).bind(2, to_ms(now));
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Images::forget_admission(const ImageId& id) {
  TRY(auto q, tx_.prepare("DELETE FROM image_admissions WHERE image_id=?1"));
  q.bind(1, id);
  TRY_VOID(q.run());
  return common::ok();
}

Result<std::vector<ImageId>> Images::admissions_before(common::SysTime until) {
  TRY(auto q, tx_.prepare("SELECT image_id FROM image_admissions WHERE started_at_ms<?1"));
  q.bind(1, to_ms(until));
  return all_rows(q, [](Query& row) { return row.id<ImageId>(0); });
}

Result<> Images::set_description(const ImageId& id, std::string_view description) {
  TRY(auto q, tx_.prepare("UPDATE images SET description=?2 WHERE image_id=?1"));
  q.bind(1, id).bind(2, description);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Images::set_public(const ImageId& id, bool is_public) {
  TRY(auto q, tx_.prepare("UPDATE images SET is_public=?2 WHERE image_id=?1"));
  q.bind(1, id).bind(2, is_public);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Images::add_launcher(const ImageId& id, const AccountId& account) {
  TRY(auto q, tx_.prepare("INSERT INTO image_launchers (image_id, account_id) VALUES (?1, ?2) "
                          "ON CONFLICT DO NOTHING"));
  q.bind(1, id).bind(2, account);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Images::remove_launcher(const ImageId& id, const AccountId& account) {
  TRY(auto q, tx_.prepare("DELETE FROM image_launchers WHERE image_id=?1 AND account_id=?2"));
  q.bind(1, id).bind(2, account);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Images::remove_launchers(const ImageId& id) {
  TRY(auto q, tx_.prepare("DELETE FROM image_launchers WHERE image_id=?1"));
  q.bind(1, id);
  TRY_VOID(q.run());
  return common::ok();
}

}  // namespace angophora::clc
