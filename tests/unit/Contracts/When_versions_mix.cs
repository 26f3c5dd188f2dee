using System.Text;
using System.Text.Json;
using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Tests.Unit.Contracts;

public sealed class When_versions_mix
{
    [Fact]
    public void A_job_with_unknown_fields_is_read()
    {
        const string Json = """
            {"jobId":"0198c7a0-0000-7000-8000-000000000001","batchId":"0198c7a0-0000-7000-8000-000000000002","kind":"double","items":[1,{"x":2}],"indices":[57],"submittedAt":"2026-01-01T00:00:00Z",
             "submittedBy":{"host":"h","processId":1,"name":"n","new":true},"somethingNew":[1,2]}
            """;
        var job = JsonSerializer.Deserialize(Json, MessageJson.Default.RunJob)!;
        Assert.Equal(("double", null, null, 58), (job.Kind, job.ReplyTo, job.ItemTimeout, job.Indices[1]));
        Assert.Equal("[1,{\"x\":2}]", Encoding.UTF8.GetString(job.Items.Utf8.Span));
    }

    [Fact]
    public void A_job_without_a_required_field_is_refused() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("{\"kind\":\"double\"}", MessageJson.Default.RunJob));

    [Fact]
    public void A_job_round_trips_and_default_values_are_not_written()
    {
        var job = new RunJob
        {
            JobId = Guid.CreateVersion7(),
            BatchId = Guid.CreateVersion7(),
            Indices = ItemIndices.From(3),
            Kind = "double",
            Items = new RawJson("[1, 2]"u8.ToArray()),
            ItemTimeout = TimeSpan.FromSeconds(1.5),
            SubmittedAt = DateTimeOffset.UnixEpoch,
            SubmittedBy = new ProcessIdentity("h", 1, "n"),
        };
        var json = JsonSerializer.Serialize(job, MessageJson.Default.RunJob);
        Assert.Contains("\"items\":[1, 2]", json, StringComparison.Ordinal);
        Assert.DoesNotContain("replyTo", json, StringComparison.Ordinal);
        var read = JsonSerializer.Deserialize(json, MessageJson.Default.RunJob)!;
        Assert.Equal((job.JobId, job.ItemTimeout, job.SubmittedBy), (read.JobId, read.ItemTimeout, read.SubmittedBy));
    }
}
