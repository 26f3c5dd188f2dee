using System.Text;
using System.Text.Json;
using Broker.Bus;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Topology;

namespace Broker.DeadLetters;

/// <summary>A message on a dead-letter queue: a job's items that were given up together.</summary>
/// <param name="tag">Its delivery tag.</param>
/// <param name="letter">What it says; null where it cannot be read.</param>
/// <param name="items">Its items; none where it cannot be read.</param>
internal sealed class Letter(ulong tag, DeadLetter? letter, IReadOnlyList<DeadItem> items)
{
    /// <summary>A job that RabbitMQ dead-lettered by its delivery limit, which is far above ours, or because somebody's policy did.</summary>
    private const string ByRabbitMq = "dead-lettered-by-rabbitmq";

    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = MessageJson.MaxDepth };

    public ulong Tag => tag;

    /// <summary>Its items; none where it cannot be read.</summary>
    public IReadOnlyList<DeadItem> Items => items;

    /// <param name="tag">The delivery tag.</param>
    /// <param name="body">Of any origin.</param>
    public static Letter Read(ulong tag, ReadOnlyMemory<byte> body)
    {
        try
        {
            var letter = Parse(body);
            return new Letter(tag, letter, [.. Describe(letter)]);
        }
        catch (Exception)
        {
            // Bad input may raise any exception.
            return new Letter(tag, letter: null, []);
        }
    }

    /// <summary>That of its job.</summary>
    public byte? Priority => letter?.Job.Priority;

    /// <summary>The job of chosen items as if it were new, with nobody waiting: its caller has had its failure. A detached batch gets its outcome.</summary>
    /// <param name="chosen">Places in <see cref="Items"/>.</param>
    /// <param name="change">What an item becomes.</param>
    public byte[] JobOf(IReadOnlyList<int> chosen, Func<DeadItem, JsonElement> change) => MessageSender.Write(
        letter!.Job with
        {
            Items = Join(chosen.Select(place => change(items[place]))),
            Indices = letter.Job.Indices.At(chosen),
            Attempt = 1,
            EarlierAttempts = null,
            Crashes = null,
            ReplyTo = OutcomeStream.Behind(letter.Job.ReplyTo)?.Key,
            WantsProgress = null,
            ExpiresAt = null,
            RedrivenAt = DateTimeOffset.UtcNow,
        },
        MessageJson.Default.RunJob,
        MessageSender.MaxDeadLetterBytes);

    /// <summary>A letter of the items that stay.</summary>
    public byte[] RestOf(IReadOnlyList<int> staying) => MessageSender.Write(
        letter! with
        {
            Job = letter.Job with { Items = Join(staying.Select(place => items[place].Item)), Indices = letter.Job.Indices.At(staying) },
            Failures = [.. staying.Select((place, offset) => letter.Failures[place] with { Offset = offset })],
        },
        MessageJson.Default.DeadLetter,
        MessageSender.MaxDeadLetterBytes);

    private static DeadLetter Parse(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body, Deep);
        if (document.RootElement.TryGetProperty("job", out _))
            return MessageBody.Read(body, MessageJson.Default.DeadLetter)!;
        var job = MessageBody.Read(body, MessageJson.Default.RunJob)!;
        using var items = JsonDocument.Parse(job.Items.Utf8, Deep);
        return new DeadLetter
        {
            Job = job,
            Failures = [.. Enumerable.Range(0, items.RootElement.GetArrayLength()).Select(offset => new ItemFailure(offset, ByRabbitMq, "never answered, or dead-lettered by a policy", null, Retryable: true))],
            Worker = new ProcessIdentity("", 0, ""),
            DiedAt = default,
        };
    }

    private static IEnumerable<DeadItem> Describe(DeadLetter letter)
    {
        var job = letter.Job;
        var byUs = letter.DiedAt != default;
        var attempts = (job.EarlierAttempts ?? []).Select(attempt => new DeadAttempt(attempt.Worker, attempt.FailedAt)).ToList();
        if (byUs)
            attempts.Add(new DeadAttempt(letter.Worker, letter.DiedAt));
        using var document = JsonDocument.Parse(job.Items.Utf8, Deep);
        foreach (var (item, offset) in document.RootElement.EnumerateArray().Select((item, offset) => (item.Clone(), offset)))
        {
            var failure = letter.Failures[offset];
            yield return new DeadItem
            {
                Kind = job.Kind,
                JobId = job.JobId,
                BatchId = job.BatchId,
                Index = job.Indices[offset],
                Item = item,
                FailureType = failure.Type,
                FailureMessage = failure.Message,
                StackTrace = failure.StackTrace,
                Causes = failure.Causes ?? [],
                Attempts = attempts,
                DiedAt = byUs ? letter.DiedAt : null,
            };
        }
    }

    private static RawJson Join(IEnumerable<JsonElement> items) => new(Encoding.UTF8.GetBytes($"[{string.Join(',', items.Select(item => item.GetRawText()))}]"));
}
