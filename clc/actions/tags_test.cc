// Tags of all kinds of objects: CreateTags, DeleteTags, DescribeTags, TagSpecification and filters.
#include <gtest/gtest.h>

#include "clc/domain/tag.h"
#include "clc/store/images.h"
#include "clc/store/instances.h"
#include "clc/store/tags.h"
#include "clc/store/volumes.h"
#include "clc/testing/instance_fixture.h"
#include "common/base/encoding.h"

namespace angophora::clc {
namespace {

using testing::Pairs;

constexpr char kPublicKey[] =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPZMDJjOtTLLRNXqVeoEqvlZ3bGQ7s6b3oYtfNyqfhB ana@home";

Pairs specification(const std::string& type, const std::string& key = "Name",
                    const std::string& value = "data") {
  return {{"TagSpecification.1.ResourceType", type},
          {"TagSpecification.1.Tag.1.Key", key},
          {"TagSpecification.1.Tag.1.Value", value}};
}

Pairs joined(Pairs a, const Pairs& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

class TagActions : public testing::InstanceFixture {
 protected:
  Result<Reply> tag(const std::string& id, const std::string& key, const std::string& value = "") {
    return call("CreateTags", {{"ResourceId.1", id}, {"Tag.1.Key", key}, {"Tag.1.Value", value}});
  }
  Result<Reply> untag(const std::string& id, Pairs more = {}) {
    more.emplace_back("ResourceId.1", id);
    return call("DeleteTags", more);
  }
  // "key=value ..." of an object.
  std::string tags_of(const std::string& id) {
    const auto reply =
        call("DescribeTags", {{"Filter.1.Name", "resource-id"}, {"Filter.1.Value.1", id}}).value();
    std::string text;
    for (const auto* item : reply.all("tagSet/item"))
      text += (text.empty() ? "" : " ") + *item->find("key") + "=" + *item->find("value");
    return text;
  }
  std::size_t found(Pairs pairs) {
    return call("DescribeTags", pairs).value().all("tagSet/item").size();
  }
  std::string make_key(const std::string& name, Pairs more = {}) {
    return call("ImportKeyPair", joined({{"KeyName", name},
                                         {"PublicKeyMaterial", common::base64_encode(kPublicKey)}},
                                        more))
        .value()
        .find("keyPairId")
        .value();
  }
  std::string make_group(const std::string& name, Pairs more = {}) {
    return call("CreateSecurityGroup",
                joined({{"GroupName", name}, {"GroupDescription", "d"}}, more))
        .value()
        .find("groupId")
        .value();
  }
};

// One object of each kind, and how many of a Describe's rows a filter finds.
struct Kind {
  std::string id;
  std::string type;
  std::string describe;
  std::string rows;
};

class EachKind : public TagActions {
 protected:
  std::vector<Kind> make_all() {
    const auto image = register_image();
    return {
        {image, "image", "DescribeImages", "imagesSet/item"},
        {run(image), "instance", "DescribeInstances", "reservationSet/item/instancesSet/item"},
        {create_volume(), "volume", "DescribeVolumes", "volumeSet/item"},
        {make_key("k"), "key-pair", "DescribeKeyPairs", "keySet/item"},
        {make_group("g"), "security-group", "DescribeSecurityGroups", "securityGroupInfo/item"},
    };
  }
  std::size_t filtered(const Kind& kind, const std::string& name, const std::string& value) {
    return call(kind.describe, {{"Filter.1.Name", name}, {"Filter.1.Value.1", value}})
        .value()
        .all(kind.rows)
        .size();
  }
};

TEST_F(EachKind, IsTaggedShownAndFoundByItsTags) {
  for (const auto& kind : make_all()) {
    ASSERT_TRUE(tag(kind.id, "Stage", "test")) << kind.id;
    const auto rows =
        call("DescribeTags", {{"Filter.1.Name", "resource-type"}, {"Filter.1.Value.1", kind.type}})
            .value();
    EXPECT_EQ(rows.find("tagSet/item/resourceId"), kind.id);
    EXPECT_EQ(rows.find("tagSet/item/resourceType"), kind.type);
    EXPECT_EQ(rows.find("tagSet/item/value"), "test");
    const auto shown =
        call(kind.describe, {{"Filter.1.Name", "tag:Stage"}, {"Filter.1.Value.1", "te?t"}}).value();
    ASSERT_EQ(shown.all(kind.rows).size(), 1u) << kind.describe;
    EXPECT_EQ(shown.find(kind.rows + "/tagSet/item/key"), "Stage") << kind.describe;
    EXPECT_EQ(filtered(kind, "tag-key", "Stage"), 1u) << kind.describe;
    EXPECT_EQ(filtered(kind, "tag-value", "test"), 1u) << kind.describe;
    EXPECT_EQ(filtered(kind, "tag:Stage", "other"), 0u) << kind.describe;
    EXPECT_EQ(filtered(kind, "tag:stage", "test"), 0u) << kind.describe;
    EXPECT_EQ(filtered(kind, "tag-key", "Other"), 0u) << kind.describe;
  }
}

TEST_F(EachKind, OfAnotherAccountIsNoIdAtAll) {
  for (const auto& kind : make_all()) {
    for (const auto* action : {"CreateTags", "DeleteTags"}) {
      const auto refused =
          call_as(stranger, action, {{"ResourceId.1", kind.id}, {"Tag.1.Key", "a"}});
      ASSERT_FALSE(refused) << action << kind.id;
      EXPECT_EQ(refused.error().code, TagErrc::bad_resource);
    }
    ASSERT_TRUE(tag(kind.id, "mine"));
  }
  EXPECT_TRUE(call_as(stranger, "DescribeTags").value().all("tagSet/item").empty());
}

TEST_F(EachKind, TakesItsTagsWithIt) {
  const auto kinds = make_all();
  for (const auto& kind : kinds) ASSERT_TRUE(tag(kind.id, "a")) << kind.id;
  EXPECT_EQ(found({}), kinds.size());
  ASSERT_TRUE(call("DeregisterImage", {{"ImageId", kinds[0].id}}));
  EXPECT_EQ(tags_of(kinds[0].id), "");
  EXPECT_EQ(tag(kinds[0].id, "a").error().code, TagErrc::bad_resource);
  ASSERT_TRUE(call("DeleteKeyPair", {{"KeyName", "k"}}));
  EXPECT_EQ(tags_of(kinds[3].id), "");
  ASSERT_TRUE(call("DeleteSecurityGroup", {{"GroupId", kinds[4].id}}));
  EXPECT_EQ(tags_of(kinds[4].id), "");
  ASSERT_TRUE(call("DeleteVolume", {{"VolumeId", kinds[2].id}}));
  EXPECT_EQ(tags_of(kinds[2].id), "a=");  // until it is gone
  ASSERT_TRUE(write([&](Tx& tx) {
    return Volumes(tx).advance(VolumeId(kinds[2].id), VolumeEvent::removed, "", {});
  }));
  EXPECT_EQ(tags_of(kinds[2].id), "");
  EXPECT_EQ(tag(kinds[2].id, "a").error().code, TagErrc::bad_resource);
  EXPECT_EQ(found({}), 1u);  // the instance's
}

TEST_F(TagActions, GoWithAnInstanceOnceItIsForgotten) {
  const auto id = run(register_image(), specification("instance"));
  EXPECT_EQ(tags_of(id), "Name=data");
  ASSERT_TRUE(call("TerminateInstances", {{"InstanceId.1", id}}));
  ASSERT_TRUE(write([&](Tx& tx) {
                return Instances(tx).advance(InstanceId(id), 1, InstanceEvent::destroyed, {},
                                             runtime.now());
              }).value());
  EXPECT_EQ(tags_of(id), "Name=data");  // as long as it is shown
  const auto purge = [&](Tx& tx) {
    return Instances(tx).purge(runtime.now() + std::chrono::hours(1));
  };
  ASSERT_EQ(write(purge).value().size(), 1u);
  EXPECT_EQ(tags_of(id), "");
}

TEST_F(TagActions, AreSetWhereAnObjectIsMade) {
  EXPECT_EQ(tags_of(make_key("k", specification("key-pair"))), "Name=data");
  EXPECT_EQ(tags_of(make_group("g", specification("security-group"))), "Name=data");
  EXPECT_EQ(tags_of(create_volume(specification("volume"))), "Name=data");
  const auto made =
      call("CreateKeyPair", joined({{"KeyName", "made"}}, specification("key-pair"))).value();
  EXPECT_EQ(made.find("tagSet/item/value"), "data");
  EXPECT_EQ(tags_of(made.find("keyPairId").value()), "Name=data");
  const auto image =
      call("RegisterImage", joined({{"ImageLocation", put_bundle({})}}, specification("image")))
          .value();
  EXPECT_EQ(tags_of(image.find("imageId").value()), "Name=data");
}

TEST_F(TagActions, ASpecificationIsForTheObjectThatIsMade) {
  const auto group = [&](Pairs more) {
    return call("CreateSecurityGroup",
                joined({{"GroupName", "g"}, {"GroupDescription", "d"}}, more))
        .error()
        .code;
  };
  EXPECT_EQ(group(specification("volume")), RequestErrc::invalid_value);
  EXPECT_EQ(group({{"TagSpecification.1.ResourceType", "security-group"}}),
            RequestErrc::invalid_value);
  EXPECT_EQ(group({{"TagSpecification.1.Tag.1.Key", "a"}}), RequestErrc::missing_parameter);
  EXPECT_EQ(group(specification("security-group", "aws:a")), RequestErrc::invalid_value);
  EXPECT_EQ(
      group(joined(specification("security-group"), {{"TagSpecification.1.Tag.2.Key", "Name"}})),
      RequestErrc::invalid_value);
  Pairs many{{"TagSpecification.1.ResourceType", "security-group"}};
  for (int i = 1; i <= 51; ++i) {
    const auto n = std::to_string(i);
    many.emplace_back("TagSpecification.1.Tag." + n + ".Key", "k" + n);
  }
  EXPECT_EQ(group(many), TagErrc::too_many);
  many.pop_back();
  EXPECT_TRUE(
      call("CreateSecurityGroup", joined({{"GroupName", "g"}, {"GroupDescription", "d"}}, many)));
}

TEST_F(TagActions, CreateOverwritesAndIsAllOrNothing) {
  const auto one = create_volume(), two = create_volume();
  ASSERT_TRUE(tag(one, "a", "1"));
  ASSERT_TRUE(tag(one, "a", "2"));
  EXPECT_EQ(tags_of(one), "a=2");
  ASSERT_TRUE(call("CreateTags", {{"ResourceId.1", one},
                                  {"ResourceId.2", two},
                                  {"Tag.1.Key", "b"},
                                  {"Tag.1.Value", "x"},
                                  {"Tag.2.Key", "c"}}));
  EXPECT_EQ(tags_of(one), "a=2 b=x c=");
  EXPECT_EQ(tags_of(two), "b=x c=");
  const auto refused = call(
      "CreateTags", {{"ResourceId.1", two}, {"ResourceId.2", "vol-00000000"}, {"Tag.1.Key", "d"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, TagErrc::bad_resource);
  EXPECT_NE(refused.error().message.find("vol-00000000"), std::string::npos);
  EXPECT_EQ(tags_of(two), "b=x c=");
}

TEST_F(TagActions, ADryRunTagsNothing) {
  const auto id = create_volume();
  const auto reply =
      call("CreateTags", {{"ResourceId.1", id}, {"Tag.1.Key", "a"}, {"DryRun", "true"}});
  EXPECT_EQ(reply.error().code, RequestErrc::dry_run_succeeded);
  EXPECT_EQ(tags_of(id), "");
}

TEST_F(TagActions, WhatIsNoObjectOrNoTagIsRefused) {
  const auto id = create_volume();
  for (const auto* bad : {"vol-1", "bogus", "i-0123456789abcdef0", "r-12345678", "vol-"})
    EXPECT_EQ(tag(bad, "a").error().code, TagErrc::bad_resource) << bad;
  EXPECT_EQ(call("CreateTags", {{"Tag.1.Key", "a"}}).error().code, RequestErrc::missing_parameter);
  EXPECT_EQ(call("CreateTags", {{"ResourceId.1", id}}).error().code,
            RequestErrc::missing_parameter);
  EXPECT_EQ(call("CreateTags", {{"ResourceId.1", id}, {"Tag.1.Value", "a"}}).error().code,
            RequestErrc::missing_parameter);
  for (const auto* key : {"aws:x", "AWS:x", "euca:node", "a\x01"})
    EXPECT_EQ(tag(id, key).error().code, RequestErrc::invalid_value) << key;
  std::string tree;  // one character of four bytes, many times
  for (int i = 0; i < 128; ++i) tree += "\xF0\x9F\x8C\xB2";
  EXPECT_TRUE(tag(id, tree, tree + tree));
  EXPECT_EQ(tag(id, tree + "x").error().code, RequestErrc::invalid_value);
  EXPECT_EQ(tag(id, "k", tree + tree + "x").error().code, RequestErrc::invalid_value);
  EXPECT_EQ(untag(id, {{"Tag.1.Key", "aws:x"}}).error().code, RequestErrc::invalid_value);
  Pairs many{{"Tag.1.Key", "a"}};
  for (int i = 1; i <= 1001; ++i) many.emplace_back("ResourceId." + std::to_string(i), id);
  EXPECT_EQ(call("CreateTags", many).error().code, RequestErrc::invalid_value);
}

TEST_F(TagActions, FiftyAreEnough) {
  const auto id = create_volume();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(tag(id, "k" + std::to_string(i)));
  EXPECT_EQ(tag(id, "one more").error().code, TagErrc::too_many);
  EXPECT_TRUE(tag(id, "k7", "another value"));
  ASSERT_TRUE(untag(id, {{"Tag.1.Key", "k7"}}));
  EXPECT_TRUE(tag(id, "one more"));
}

TEST_F(TagActions, DeleteTakesWhatItNames) {
  const auto id = create_volume();
  const auto fill = [&] {
    for (const auto* key : {"a", "b", "c"}) ASSERT_TRUE(tag(id, key, "1"));
    ASSERT_TRUE(tag(id, "empty"));
  };
  fill();
  ASSERT_TRUE(untag(id, {{"Tag.1.Key", "a"}, {"Tag.2.Key", "never there"}}));
  EXPECT_EQ(tags_of(id), "b=1 c=1 empty=");
  ASSERT_TRUE(untag(id, {{"Tag.1.Key", "b"}, {"Tag.1.Value", "2"}}));
  ASSERT_TRUE(untag(id, {{"Tag.1.Key", "c"}, {"Tag.1.Value", ""}}));
  EXPECT_EQ(tags_of(id), "b=1 c=1 empty=");
  ASSERT_TRUE(untag(id, {{"Tag.1.Key", "b"}, {"Tag.1.Value", "1"}}));
  ASSERT_TRUE(untag(id, {{"Tag.1.Key", "empty"}, {"Tag.1.Value", ""}}));
  EXPECT_EQ(tags_of(id), "c=1");
  fill();
  ASSERT_TRUE(untag(id));
  EXPECT_EQ(tags_of(id), "");
}

TEST_F(TagActions, DescribeFiltersAndPages) {
  const auto one = create_volume(), two = create_volume();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(tag(one, "k" + std::to_string(i), "v"));
    ASSERT_TRUE(tag(two, "k" + std::to_string(i), "w"));
  }
  const auto filtered = [&](const std::string& name, const std::string& value) {
    return found({{"Filter.1.Name", name}, {"Filter.1.Value.1", value}});
  };
  EXPECT_EQ(filtered("key", "k1"), 2u);
  EXPECT_EQ(filtered("value", "w"), 5u);
  EXPECT_EQ(filtered("tag:k1", "w"), 1u);
  EXPECT_EQ(filtered("resource-type", "volume"), 10u);
  EXPECT_EQ(filtered("resource-type", "instance"), 0u);
  EXPECT_EQ(
      call("DescribeTags", {{"Filter.1.Name", "colour"}, {"Filter.1.Value.1", "x"}}).error().code,
      RequestErrc::bad_filter);
  std::set<std::string> seen;
  std::string token;
  for (int turn = 0; turn < 4; ++turn) {
    Pairs pairs{{"MaxResults", "5"}};
    if (!token.empty()) pairs.emplace_back("NextToken", token);
    const auto page = call("DescribeTags", pairs).value();
    for (const auto* item : page.all("tagSet/item"))
      seen.insert(*item->find("resourceId") + *item->find("key"));
    token = page.find("nextToken").value_or("");
    if (token.empty()) break;
  }
  EXPECT_EQ(token, "");
  EXPECT_EQ(seen.size(), 10u);
}

TEST_F(TagActions, OfASharedImageAreTheOwnersAlone) {
  const auto image = register_image();
  ASSERT_TRUE(tag(image, "secret", "plan"));
  ASSERT_TRUE(
      call("ModifyImageAttribute", {{"ImageId", image}, {"LaunchPermission.Add.1.Group", "all"}}));
  const auto seen = call_as(stranger, "DescribeImages").value();
  ASSERT_EQ(seen.all("imagesSet/item").size(), 1u);
  EXPECT_FALSE(seen.find("imagesSet/item/tagSet/item/key"));
  EXPECT_TRUE(call_as(stranger, "DescribeImages",
                      {{"Filter.1.Name", "tag-key"}, {"Filter.1.Value.1", "secret"}})
                  .value()
                  .all("imagesSet/item")
                  .empty());
}

TEST_F(TagActions, WhatCarriesNoneIsNotFilteredByThem) {
  const auto refused =
      call("DescribeRegions", {{"Filter.1.Name", "tag:a"}, {"Filter.1.Value.1", "b"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, RequestErrc::bad_filter);
}

}  // namespace
}  // namespace angophora::clc
