using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Contracts.Messages;
using Broker.DeadLetters;
using Broker.Pool;

namespace Broker.Tests.Unit.Contracts;

/// <summary>Every message as a version after this one would write it, and as one before it did.</summary>
public sealed class When_a_message_is_of_another_version
{
    private const string Later = "fromALaterVersion";

    private static readonly Dictionary<string, JsonTypeInfo> Types = typeof(MessageJson).GetCustomAttributesData()
        .Where(attribute => attribute.AttributeType == typeof(JsonSerializableAttribute))
        .Select(attribute => MessageJson.Default.GetTypeInfo((Type)attribute.ConstructorArguments[0].Value!)!)
        .ToDictionary(type => type.Type.Name);

    public static TheoryData<string> Messages => [.. Types.Keys];

    [Theory]
    [MemberData(nameof(Messages))]
    public void What_a_later_version_adds_at_any_level_changes_nothing_of_what_is_read(string message)
    {
        var later = Example(Types[message].Type, Form.Later);
        Assert.Contains(Later, later.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(ReadAndWritten(message, Example(Types[message].Type, Form.Whole)), ReadAndWritten(message, later));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void What_came_later_may_be_missing_at_any_level(string message)
    {
        var least = Example(Types[message].Type, Form.Least);
        AssertHas(least, JsonNode.Parse(ReadAndWritten(message, least)));
    }

    /// <summary>A field that is added here makes the messages of all versions before unreadable: what comes later has to be optional, and to say what its absence means.</summary>
    [Fact]
    public void Required_is_only_what_every_version_writes() => Assert.Equal(
        """
        AskLosses: index, jobId
        BatchDetached: batchId, kind, submittedAt, submittedBy
        CancelJobs: cancelledAt, ids
        DeadLetter: diedAt, failures, job, worker
        Drain: host, replyTo, requestId
        Draining: requestId, worker
        FailureCause: message, type
        HeldJob: batchId, count, indices, jobId, receivedAt
        ItemFailure: message, offset, retryable, type
        ItemProgress: index
        JobAttempt: failedAt, startedAt, worker
        JobCompleted: batchId, count, finishedAt, indices, jobId, kind, startedAt, values, worker
        JobDelayed: batchId, count, delay, indices
        LogLevelSet: level, requestId, worker
        LossesKnown: index, jobId, process, times
        Ping: pingId, replyTo
        Pong: kinds, pingId, startedAt, version, worker
        ProcessIdentity: host, name, processId
        ProgressReport: jobs
        ReportedJob: batchId, item, jobId
        RunJob: batchId, indices, items, jobId, kind, submittedAt, submittedBy
        ServedKind: argsSchema, concurrency, kind, signature
        SetLogLevel: level, replyTo, requestId
        """,
        string.Join('\n', Types.Values.SelectMany(WithParts).DistinctBy(type => type.Type).OrderBy(type => type.Type.Name, StringComparer.Ordinal)
            .Select(type => $"{type.Type.Name}: {string.Join(", ", type.Properties.Where(IsRequired).Select(field => field.Name).Order(StringComparer.Ordinal))}")));

    [Fact]
    public void A_job_that_is_sent_on_keeps_what_a_later_version_says_of_it()
    {
        var job = JsonSerializer.Deserialize(Example(typeof(RunJob), Form.Later), MessageJson.Default.RunJob)!;
        var again = JsonSerializer.SerializeToNode(job with { Attempt = 2 }, MessageJson.Default.RunJob)!;
        Assert.Equal("""{"a":[1,null]}""", again[Later]!.ToJsonString());
    }

    [Fact]
    public void A_failure_of_a_type_that_only_a_later_version_knows_is_a_failure()
    {
        var completed = (JobCompleted)JsonSerializer.Deserialize(Example(typeof(JobCompleted), Form.Later), Types[nameof(JobCompleted)])! with { Count = 2 };
        completed = completed with { Failures = [new ItemFailure(1, "evaporated", "gone", null, Retryable: true)] };
        var message = new CompletedMessage(completed);
        Assert.Null(message.Fault(long.MaxValue));
        Assert.Equal([null, "evaporated"], message.Cut(3, 0, 2).Split().Select(outcome => outcome.Failure?.Type));
    }

    [Fact]
    public void A_dead_letter_of_another_version_is_shown_and_redriven()
    {
        foreach (var form in new[] { Form.Later, Form.Least })
        {
            var dead = Example(typeof(DeadLetter), form);
            dead["job"]!["items"] = JsonNode.Parse("[[1,2]]");
            var letter = Letter.Read(1, Encoding.UTF8.GetBytes(dead.ToJsonString()));
            Assert.Equal("a text", Assert.Single(letter.Items).FailureType);
            var redriven = JsonSerializer.Deserialize(letter.JobOf([0], place => JsonElement.Parse("[3]")), MessageJson.Default.RunJob)!;
            Assert.Equal((3, "[[3]]"), (redriven.Indices[0], Encoding.UTF8.GetString(redriven.Items.Utf8.Span)));
        }
    }

    private enum Form
    {
        Least,
        Whole,
        Later,
    }

    /// <summary>What is read, as this version writes it.</summary>
    private static string ReadAndWritten(string message, JsonNode json)
    {
        var written = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(json, Types[message])!, Types[message])!;
        Strip(written);
        return written.ToJsonString();
    }

    /// <summary>Beside what was written, what is read has defaults.</summary>
    private static void AssertHas(JsonNode? written, JsonNode? read)
    {
        if (written is JsonObject fields)
        {
            foreach (var (name, value) in fields)
                AssertHas(value, read![name]);
        }
        else if (written is JsonArray elements)
        {
            for (var place = 0; place < elements.Count; place++)
                AssertHas(elements[place], read![place]);
        }
        else
        {
            Assert.True(JsonNode.DeepEquals(written, read), $"{written} was read as {read}");
        }
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonObject fields)
        {
            fields.Remove(Later);
            foreach (var field in fields)
                Strip(field.Value);
        }
        else if (node is JsonArray elements)
        {
            foreach (var element in elements)
                Strip(element);
        }
    }

    private static JsonNode Example(Type type, Form form)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(Guid))
            return "0198c7a0-0000-7000-8000-000000000001";
        if (type == typeof(string))
            return "a text";
        if (type == typeof(byte) || type == typeof(int) || type == typeof(long) || type == typeof(double))
            return 0;
        if (type == typeof(bool))
            return true;
        if (type == typeof(DateTimeOffset))
            return "2026-01-01T00:00:00+00:00";
        if (type == typeof(TimeSpan))
            return "00:00:07";
        if (type == typeof(ItemIndices))
            return new JsonArray(3);
        if (type == typeof(RawJson))
            return new JsonArray(1, new JsonObject { ["x"] = 2 });
        var info = MessageJson.Default.GetTypeInfo(type)!;
        if (info.ElementType is { } element)
            return new JsonArray(Example(element, form));
        var fields = info.Properties.Where(field => !field.IsExtensionData && (form != Form.Least || IsRequired(field)))
            .Select(field => KeyValuePair.Create(field.Name, (JsonNode?)Example(field.PropertyType, form))).ToList();
        Assert.NotEmpty(fields);
        if (form == Form.Later)
            fields.Add(KeyValuePair.Create(Later, JsonNode.Parse("""{"a":[1,null]}""")));
        return new JsonObject(fields);
    }

    /// <summary>Or a parameter of the constructor that has no default; what is null is not written.</summary>
    private static bool IsRequired(JsonPropertyInfo field) => field.IsRequired || field.AssociatedParameter is { IsMemberInitializer: false, HasDefaultValue: false, IsNullable: false };

    private static IEnumerable<JsonTypeInfo> WithParts(JsonTypeInfo type)
    {
        if (type.ElementType is { } element)
            return WithParts(MessageJson.Default.GetTypeInfo(element)!);
        if (type.Kind != JsonTypeInfoKind.Object)
            return [];
        return [type, .. type.Properties.Where(field => !field.IsExtensionData).SelectMany(field => WithParts(MessageJson.Default.GetTypeInfo(field.PropertyType)!))];
    }
}
