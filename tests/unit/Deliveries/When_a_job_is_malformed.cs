using System.Text;
using Broker.Contracts.Messages;
using Broker.Hosting.Deliveries;
using Broker.Hosting.Execution;

namespace Broker.Tests.Unit.Deliveries;

public sealed class When_a_job_is_malformed
{
    private const string Template =
        """{"jobId":"01890000-0000-7000-8000-000000000001","kind":"double","items":ITEMS,"indices":INDICES,"batchId":"01890000-0000-7000-8000-000000000002","replyTo":"me"MORE,"submittedAt":"2026-01-01T00:00:00Z","submittedBy":SENDER}""";

    private const string Sender = """{"host":"h","processId":1,"name":"n"}""";

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("not JSON")]
    [InlineData("""{"jobId":1}""")]
    public void A_body_that_is_no_job_cannot_be_read(string body) => Assert.ThrowsAny<Exception>(() => JobBody.Read(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("[1]", "[0]", "", "null")]
    [InlineData("[1]", "null", "", Sender)]
    [InlineData("[1]", "[0]", ",\"itemTimeout\":5", Sender)]
    [InlineData("[1]", "[0]", ",\"itemTimeout\":\"99999999.00:00:00\"", Sender)]
    [InlineData("[1]", "[0]", ",\"expiresAt\":\"never\"", Sender)]
    public void Null_and_fields_of_a_wrong_type_cannot_be_read(string items, string indices, string more, string sender) =>
        Assert.ThrowsAny<Exception>(() => Read(items, indices, more, sender));

    [Theory]
    [InlineData("[abc]", "[4]", 1, "not JSON")]
    [InlineData("[[1],{\"a\":]", "[4,2,9]", 3, "not JSON")]
    [InlineData("[]", "[4]", 1, "0 items")]
    [InlineData("[1]", "[4,2,9]", 3, "1 items")]
    public void Items_that_cannot_be_told_apart_are_answered(string items, string indices, int count, string reason)
    {
        var body = Read(items, indices);
        Assert.Contains(reason, body.Fault, StringComparison.Ordinal);
        Assert.Equal((count, "me", 4), (body.Count, body.Job.ReplyTo, body.Job.Indices[0]));
    }

    [Fact]
    public void A_negative_time_limit_is_answered() =>
        Assert.Contains("time limit", Read("[1]", "[0]", ",\"itemTimeout\":\"-00:00:01\"").Fault, StringComparison.Ordinal);

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(2000)]
    public void A_deep_item_leaves_its_job_readable(int depth)
    {
        var item = new string('[', depth) + new string(']', depth);
        var body = Read($"[1,{item}]", "[0]");
        Assert.Null(body.Fault);
        Assert.Equal(item, Encoding.UTF8.GetString(body.Items[1].Span));
    }

    [Fact]
    public void A_job_of_an_older_version_gets_single_outcomes() => Assert.Equal((false, true), (Read("[1]", "[0]").Job.TakesSequences, Read("[1]", "[0]", ",\"takesSequences\":true").Job.TakesSequences));

    private static JobBody Read(string items, string indices, string more = "", string sender = Sender) => JobBody.Read(Encoding.UTF8.GetBytes(
        Template.Replace("ITEMS", items, StringComparison.Ordinal).Replace("INDICES", indices, StringComparison.Ordinal).Replace("MORE", more, StringComparison.Ordinal).Replace("SENDER", sender, StringComparison.Ordinal)));
}
