using System.Text;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Pool;

namespace Broker.Tests.Unit.JobLogs;

/// <summary>Outcomes with their items, as a joblog gets them.</summary>
internal static class JobLogOutcomes
{
    public static ItemOutcome Of(long index, string item, string? failure = null, string value = "42", string host = "c1", int chunk = 1) => new(
        index,
        Encoding.UTF8.GetBytes(failure is null ? value : "null"),
        failure is null ? null : new ItemFailure(0, "type", failure, null, Retryable: false),
        new JobRun(
            Guid.Empty, Guid.Empty, new ProcessIdentity(host, 1, "consumer"), 1, DateTimeOffset.UnixEpoch.AddMilliseconds(1_764_547_200_123), DateTimeOffset.UnixEpoch.AddMilliseconds(1_764_547_202_123), chunk))
    {
        Item = Encoding.UTF8.GetBytes(item),
    };
}
