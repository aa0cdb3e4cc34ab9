// Registered images, their parts and launch permissions.
#pragma once

#include <optional>
#include <vector>

#include "clc/domain/image.h"
#include "clc/store/rows.h"

namespace angophora::clc {

class Images {
 public:
  explicit Images(Tx& tx) : tx_(tx) {}

  // ImageErrc::duplicate_name when the account has an available image of that name.
  Result<> insert(const Image& image);
  // With parts, launchers and tags.
  Result<std::optional<Image>> find(const ImageId& id);
  // Available images that the account owns, may launch, or that are public; without their parts.
  Result<std::vector<Image>> visible_to(const AccountId& account);
  // Available images of all accounts, for the administrators.
  Result<std::vector<Image>> all();
  // The owner's available image registered from that manifest.
  Result<std::optional<ImageId>> find_by_location(const AccountId& owner,
                                                  std::string_view location);

  // Deregisters it: new instances cannot use it, those that run keep it.
  Result<> retire(const ImageId& id);
  Result<> remove(const ImageId& id);
  // Deregistered images that no instance uses any more.
  Result<std::vector<ImageId>> unused_retired();

  // A registration that is under way: Walrus may have been told of the image. Once it is over, one
  // way or the other, the note goes; one that stays tells of a crash in between.
  Result<> note_admission(const ImageId& id, common::SysTime now);
  Result<> forget_admission(const ImageId& id);
  Result<std::vector<ImageId>> admissions_before(common::SysTime until);

  Result<> set_description(const ImageId& id, std::string_view description);
  Result<> set_public(const ImageId& id, bool is_public);
  Result<> add_launcher(const ImageId& id, const AccountId& account);
  Result<> remove_launcher(const ImageId& id, const AccountId& account);
  Result<> remove_launchers(const ImageId& id);

 private:
  Result<std::vector<Image>> read_all(Query& q);
  Tx& tx_;
};

}  // namespace angophora::clc
