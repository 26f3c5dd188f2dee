using System.Text.Json;
using Broker.Contracts.Messages;

namespace Broker.Tests.Unit.Contracts;

public sealed class When_a_field_is_missing
{
    [Fact]
    public void A_missing_field_has_its_default()
    {
        const string Json = """
            {"jobId":"0198c7a0-0000-7000-8000-000000000001","batchId":"0198c7a0-0000-7000-8000-000000000002","indices":[0],"kind":"double","items":[1],"submittedAt":"2026-01-01T00:00:00Z",
             "submittedBy":{"host":"h","processId":1,"name":"n"}}
            """;
        var job = JsonSerializer.Deserialize(Json, MessageJson.Default.RunJob)!;
        Assert.Equal((1, 1), (job.Attempt, job.MaxAttempts));
        Assert.False(job.TakesSequences);
        Assert.Null(job.Others);
    }
}
