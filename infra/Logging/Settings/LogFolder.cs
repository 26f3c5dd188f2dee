namespace Broker.Logging.Settings;

/// <summary>The folder of the processes' log files.</summary>
internal static class LogFolder
{
    /// <summary>Short-lived processes leave a file each, and a busy fleet would fill the disk: the oldest files are deleted.</summary>
    private const int KeptFiles = 500;

    private const long KeptBytes = 1024L * 1024 * 1024;

    /// <summary>Creates the folder if needed and deletes old files. Null, and one line on stderr, if it cannot be written.</summary>
    public static string? Prepare(string folder)
    {
        if (folder.Length == 0 || folder == "none")
            return null;
        try
        {
            var directory = Directory.CreateDirectory(folder);
            RemoveOld(directory);
            return directory.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Console.Error.WriteLine($"log files are off: {e.Message} (set BROKER__LOGGING__DIRECTORY to a folder that can be written)");
            return null;
        }
    }

    private static void RemoveOld(DirectoryInfo directory)
    {
        var files = directory.GetFiles("*.ndjson");
        long bytes = 0;
        foreach (var (index, file) in files.OrderByDescending(file => file.LastWriteTimeUtc).Index())
        {
            // Another process that has just started may have deleted it.
            bytes += file.Exists ? file.Length : 0;
            if (index >= KeptFiles || bytes > KeptBytes)
                file.Delete();
        }
    }
}
