using System.Globalization;
using System.Text.Json;
using Broker.Contracts;
using Broker.DeadLetters;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Dead;

/// <summary>How dead items are shown: one a line, or everything that is known of one.</summary>
internal static class LetterPage
{
    private static readonly JsonSerializerOptions Readable = new(PayloadJson.Options) { WriteIndented = true };

    /// <summary>Aligned as far as the columns are known before the items are.</summary>
    public static string Header => $"{"JOB",-36}  {"INDEX",7}  {"DIED",-19}  {"TRIES",5}  FAILURE";

    public static string Line(DeadItem item) => string.Create(
        CultureInfo.InvariantCulture,
        $"{item.JobId}  {item.Index,7}  {(item.DiedAt is { } died ? died.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "-"),-19}  {item.Attempts.Count,5}  {SafeText.Of($"{item.FailureType}: {item.FailureMessage.ReplaceLineEndings(" ")}")}");

    public static string Document(DeadItem item, bool readable) => JsonSerializer.Serialize(
        new
        {
            item.Kind,
            item.JobId,
            item.BatchId,
            item.Index,
            item.Item,
            item.FailureType,
            item.FailureMessage,
            item.Causes,
            item.StackTrace,
            Attempts = item.Attempts.Select(attempt => new { attempt.Worker.Host, Pid = attempt.Worker.ProcessId, attempt.Worker.Name, attempt.EndedAt }),
            item.DiedAt,
        },
        readable ? Readable : PayloadJson.Options);
}
