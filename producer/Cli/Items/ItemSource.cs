using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Broker.Bus;
using Broker.Contracts;

namespace Broker.Producer.Cli.Items;

/// <summary>A command's items: from its arguments, from the lines of files or standard input, or whole files.</summary>
internal sealed class ItemSource
{
    /// <summary>The largest item; the message around it adds less than a kilobyte.</summary>
    public const int MaxBytes = MessageSender.MaxBodyBytes - 1024;

    private readonly Func<CancellationToken, IAsyncEnumerable<ReadOnlyMemory<byte>>> _read;
    private readonly ReadProgress? _progress;
    private readonly IReadOnlyList<string> _lines;
    private ExceptionDispatchInfo? _error;

    private ItemSource(string name, long? count, Func<CancellationToken, IAsyncEnumerable<ReadOnlyMemory<byte>>> read, IReadOnlyList<string>? lines = null, ReadProgress? progress = null)
    {
        _lines = lines ?? [];
        Name = name;
        Count = count;
        _read = read;
        _progress = progress;
    }

    /// <summary>The source's name, for messages.</summary>
    public string Name { get; }

    /// <summary>The number of items, if known before reading.</summary>
    public long? Count { get; }

    /// <summary>The number of items as far as what has been read tells; null where nothing does.</summary>
    public long? Estimate => Count ?? _progress?.Items;

    /// <param name="arguments">Items on the command line.</param>
    /// <param name="lines">Files with one item a line, or <c>-</c>, read one after another.</param>
    /// <param name="files">Files, each of which is one item.</param>
    /// <param name="binary">Whether the bytes of <paramref name="files"/> travel as base64.</param>
    /// <exception cref="InvalidConfigurationException">None of the three, or more than one, or a file that does not exist.</exception>
    public static ItemSource Choose(IReadOnlyList<string> arguments, IReadOnlyList<string> lines, IReadOnlyList<string> files, bool binary = false)
    {
        if (new[] { arguments, lines, files }.Count(given => given.Count > 0) > 1)
            throw new InvalidConfigurationException("items come from arguments, from -f or from --files: give one of them");
        if (binary && files.Count == 0)
            throw new InvalidConfigurationException("--binary is for the files of --files");
        foreach (var file in lines.Concat(files))
            ItemFile.Require(file);
        if (files.Count > 0)
            return new ItemSource($"{files.Count} files", files.Count, token => ReadFilesAsync(files, binary, token));
        if (lines.Count > 0)
        {
            var progress = new ReadProgress(lines.Select(ItemFile.LengthOf));
            return new ItemSource(lines.Count == 1 ? ItemFile.NameOf(lines[0]) : $"{lines.Count} files", null, token => ReadLinesAsync(lines, progress, token), lines, progress);
        }

        return arguments.Count > 0
            ? new ItemSource("the command line", arguments.Count, _ => ReadArgumentsAsync(arguments))
            : throw new InvalidConfigurationException("no items: give them as arguments, or one per line with -f FILE (-f - reads standard input)");
    }

    /// <summary>The number of items, for which files are read once more; null where they come from a pipe.</summary>
    public async Task<long?> CountAsync(CancellationToken cancellationToken) => Count ?? await LineCount.OfAsync(_lines, cancellationToken);

    /// <summary>The items, or the first of them. One that cannot be sent ends them: those before it keep their results, and <see cref="ThrowIfBroken"/> says why.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken, long limit = long.MaxValue)
    {
        await using var items = _read(cancellationToken).GetAsyncEnumerator(cancellationToken);
        for (long index = 0; index < limit && await MoveNextAsync(items, index); index++)
            yield return items.Current;
    }

    /// <exception cref="BrokerException">An item could not be read or sent.</exception>
    public void ThrowIfBroken() => _error?.Throw();

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ReadOnlyMemory<byte>> items, long index)
    {
        try
        {
            if (!await items.MoveNextAsync())
                return false;
            if (items.Current.Length > MaxBytes)
                throw new MessageTooLargeException($"item {index} has {items.Current.Length / 1048576.0:0.0} MiB and the largest message is {MessageSender.MaxBodyBytes / 1048576} MiB: split it, or send a reference to where its data is stored");
            return true;
        }
        catch (Exception e) when (e is BrokerException or IOException or UnauthorizedAccessException)
        {
            _error = ExceptionDispatchInfo.Capture(e is BrokerException ? e : new InvalidConfigurationException($"{Name} cannot be read: {e.Message}", e));
            return false;
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadArgumentsAsync(IReadOnlyList<string> arguments)
    {
        await Task.CompletedTask;
        for (var index = 0; index < arguments.Count; index++)
            yield return Located($"item {index}", arguments[index], ItemText.ToJson);
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadLinesAsync(IReadOnlyList<string> files, ReadProgress progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            var stream = await ItemFile.OpenAsync(file, cancellationToken);
            await foreach (var item in LineReader.ReadAsync(stream, ItemFile.NameOf(file), progress, cancellationToken))
                yield return item;
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadFilesAsync(IReadOnlyList<string> files, bool binary, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            byte[] content;
            await using (var stream = await ItemFile.OpenAsync(file, cancellationToken))
                content = await ReadAllAsync(stream, file, cancellationToken);
            yield return binary ? Base64(content) : Located(file, content, bytes => ItemText.Quote(bytes));
        }
    }

    /// <summary>What is larger than any message is not read to its end.</summary>
    private static async Task<byte[]> ReadAllAsync(Stream stream, string file, CancellationToken cancellationToken)
    {
        var size = stream.CanSeek ? stream.Length : 0;
        var content = new ArrayBufferWriter<byte>((int)Math.Clamp(size, 4096, MaxBytes));
        while (Math.Max(size, content.WrittenCount) <= MaxBytes)
        {
            // A read of a pipe cannot be cancelled; it is abandoned.
            var read = await stream.ReadAsync(content.GetMemory(4096), CancellationToken.None).AsTask().WaitAsync(cancellationToken);
            if (read == 0)
                return content.WrittenSpan.ToArray();
            content.Advance(read);
        }

        throw new MessageTooLargeException($"{file} has {(size > MaxBytes ? $"{size / 1048576.0:0.0}" : "more than 8")} MiB and the largest message is {MessageSender.MaxBodyBytes / 1048576} MiB: split it, or send a reference to where its data is stored");
    }

    private static byte[] Base64(byte[] content)
    {
        var text = new byte[System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(content.Length) + 2];
        text[0] = text[^1] = (byte)'"';
        System.Buffers.Text.Base64.EncodeToUtf8(content, text.AsSpan(1), out _, out _);
        return text;
    }

    private static ReadOnlyMemory<byte> Located<T>(string where, T text, Func<T, ReadOnlyMemory<byte>> toJson)
    {
        try
        {
            return toJson(text);
        }
        catch (InvalidConfigurationException e)
        {
            throw new InvalidConfigurationException($"{where}: {e.Message}{(text is byte[] ? " (--binary sends any bytes, as base64)" : "")}", e);
        }
    }
}
